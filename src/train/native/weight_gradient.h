/* Gradient of a weight matrix, in the arithmetic that was chosen. */
#ifndef WEIGHT_GRADIENT_H
#define WEIGHT_GRADIENT_H

#include <stdbool.h>
#include <stddef.h>

/* Floats of workspace for matrices with up to so many inputs, and sequences of up to so many tokens. */
size_t weight_gradient_workspace_length(size_t inputs, size_t tokens);

/*
 * dw [outputs x inputs], without gaps, += dy^T x, with dy [tokens x outputs] and x [tokens x inputs].
 * `integers` rounds dy and x to 16 bits first (integer_product.h).
 */
void add_weight_gradient(float *dw, size_t outputs, size_t inputs, const float *dy, size_t dy_stride, const float *x,
                         size_t x_stride, size_t tokens, bool integers, float *workspace);

#endif
