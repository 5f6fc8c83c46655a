/*
 * Products of float matrices, the bulk of training.
 *
 * Three forms occur. With X [tokens x inputs], weights W [outputs x inputs] and the gradient dY [tokens x outputs]:
 *   Y  = X W^T          forward
 *   dX = dY W           gradient of the inputs
 *   dW = dW + dY^T X    gradient of the weights
 *
 * All matrices are row-major with a stride in elements. Where a BLAS was loaded it computes them; else the tiled
 * kernel of matrix_product.c does.
 */
#ifndef MATRIX_PRODUCT_H
#define MATRIX_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>

/* Elements from one row of activations to the next: whole cache lines, but not so that all rows share cache sets. */
size_t activation_stride(size_t columns);

/* A weight matrix, prepared once a step for all threads. */
struct weights {
    size_t outputs;
    size_t inputs;
    const float *values;    /* [outputs x inputs], as a BLAS reads them */
    float *forward_panels;  /* W^T in panels of outputs, as the built-in kernel reads it */
    float *backward_panels; /* W in panels of inputs */
};

/*
 * Loads a BLAS (a library name or path) for all products; NULL goes back to the built-in kernel. Returns false and
 * changes nothing where that fails.
 */
bool load_blas(const char *library);

/* Floats that each of the two panel arrays of a weight matrix needs. */
size_t forward_panel_length(size_t outputs, size_t inputs);
size_t backward_panel_length(size_t outputs, size_t inputs);

/* Fills panels first_panel..last_panel-1 of forward_panel_count or backward_panel_count from the values. */
void pack_forward_panels(const struct weights *weights, size_t first_panel, size_t last_panel);
void pack_backward_panels(const struct weights *weights, size_t first_panel, size_t last_panel);
size_t forward_panel_count(const struct weights *weights);
size_t backward_panel_count(const struct weights *weights);

/* y [tokens x outputs] = x W^T */
void product_forward(float *y, size_t y_stride, const float *x, size_t x_stride, size_t tokens,
                     const struct weights *weights);

/* dx [tokens x inputs] = dy W */
void product_backward(float *dx, size_t dx_stride, const float *dy, size_t dy_stride, size_t tokens,
                      const struct weights *weights);

/*
 * dw [outputs x inputs], without gaps, += dy^T x. `workspace` holds gradient_workspace_length(inputs, tokens) floats.
 */
void product_gradient(float *dw, size_t outputs, size_t inputs, const float *dy, size_t dy_stride, const float *x,
                      size_t x_stride, size_t tokens, float *workspace);
size_t gradient_workspace_length(size_t inputs, size_t tokens);

#endif
