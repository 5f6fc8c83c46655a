/*
 * What lies between the matrix products of FlashLM: normalisation, gates, convolution, and the gradients of each.
 *
 * Activations are [tokens x channels], row-major with a stride in elements; the tokens are one sequence.
 */
#ifndef LAYERS_H
#define LAYERS_H

#include <stddef.h>

/* normalised = x * inverse * scale, inverse[token] = 1 / sqrt(mean(x^2) + 1e-6) */
void rms_norm(float *normalised, float *inverse, const float *x, size_t stride, size_t tokens, size_t channels,
              const float *scale);

/*
 * dx += gradient of x, dscale += gradient of the scale, given d_normalised and what rms_norm was given and computed.
 */
void rms_norm_gradient(float *dx, float *dscale, const float *d_normalised, const float *x, const float *inverse,
                       size_t stride, size_t tokens, size_t channels, const float *scale);

/*
 * gated = convolved * sigmoid(gate), convolved = causal depthwise convolution of value.
 *
 * gate_value [tokens x 2 channels] holds the gates and beside them the values. taps [channels x kernel], the last
 * meets the newest token; taps_by_position receives them as [kernel x channels].
 */
void gated_convolution(float *gated, float *convolved, size_t stride, const float *gate_value, size_t gate_value_stride,
                       size_t tokens, size_t channels, const float *taps, size_t kernel, float *taps_by_position);

/*
 * d_gate_value receives the gradient of both halves, dtaps [channels x kernel] += that of the taps. Overwrites d_gated
 * with the gradient of `convolved`. `workspace` holds kernel x channels floats.
 */
void gated_convolution_gradient(float *d_gate_value, float *dtaps, float *d_gated, const float *convolved,
                                size_t stride, const float *gate_value, size_t gate_value_stride, size_t tokens,
                                size_t channels, size_t kernel, const float *taps_by_position, float *workspace);

/* product = silu(gate) * up, gate_up [tokens x 2 hidden] holding gate and beside it up. */
void gated_unit(float *product, size_t stride, const float *gate_up, size_t gate_up_stride, size_t tokens,
                size_t hidden);

/* d_gate_up receives the gradient of both halves. */
void gated_unit_gradient(float *d_gate_up, const float *d_product, size_t stride, const float *gate_up,
                         size_t gate_up_stride, size_t tokens, size_t hidden);

/* target += addend */
void add_rows(float *target, const float *addend, size_t stride, size_t tokens, size_t channels);

#endif
