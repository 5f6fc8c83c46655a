/*
 * A ternary linear layer in training: weights are digits -1, 0, +1 times a scale.
 *
 * The forward product is of floats. In integer arithmetic (integer_product.h) the backward one is of integers: the
 * digits are exact, and only the gradient of the outputs is rounded.
 */
#ifndef TERNARY_LAYER_H
#define TERNARY_LAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "matrix_product.h"

struct ternary_layer {
    size_t outputs;
    size_t inputs;
    bool integers;
    float *scales;            /* [outputs] */
    float *values;            /* [outputs x inputs]: digits times scales */
    struct weights floats;    /* the values, prepared; with integers only for the forward product */
    int32_t *backward_panels; /* digits, inputs as columns; NULL with floats */
};

/* Floats that a layer and a thread's work on it take. */
size_t ternary_layer_length(size_t outputs, size_t inputs, bool integers);
size_t ternary_workspace_length(size_t widest, size_t tokens);

/* Lays a layer out in memory of ternary_layer_length floats. */
struct ternary_layer ternary_layer_at(float *memory, size_t outputs, size_t inputs, bool integers);

/*
 * Ternarises latent weights [outputs x inputs]: digit = clamp(round(w / (mean|w| + 1e-8)), -1, 1), half to even. The
 * layer consists of `matrices` of equal size, one under the other, each with the scale mean|w| of its own.
 */
void ternary_layer_prepare(struct ternary_layer *layer, const float *latent, size_t matrices);

/* y [tokens x outputs] = x W^T */
void ternary_forward(float *y, size_t y_stride, const float *x, size_t x_stride, size_t tokens,
                     const struct ternary_layer *layer);

/* dx [tokens x inputs] = dy W */
void ternary_backward(float *dx, size_t dx_stride, const float *dy, size_t dy_stride, size_t tokens,
                      const struct ternary_layer *layer, float *workspace);

#endif
