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
 * Causal depthwise convolution of values [tokens x channels].
 *
 * taps [channels x kernel], the last meets the newest token; taps_by_position receives them as [kernel x channels].
 */
void causal_convolution(float *convolved, size_t stride, const float *values, size_t values_stride, size_t tokens,
                        size_t channels, const float *taps, size_t kernel, float *taps_by_position);

/*
 * d_values receives the gradient of the values, dtaps [channels x kernel] += that of the taps. `workspace` holds
 * kernel x channels floats.
 */
void causal_convolution_gradient(float *d_values, float *dtaps, const float *d_convolved, size_t stride,
                                 const float *values, size_t values_stride, size_t tokens, size_t channels,
                                 size_t kernel, const float *taps_by_position, float *workspace);

/* gated = mixed * sigmoid(gate) */
void open_gate(float *gated, const float *mixed, size_t stride, const float *gate, size_t gate_stride, size_t tokens,
               size_t channels);

/* d_gate receives the gradient of the gate; overwrites d_gated with that of `mixed`. */
void open_gate_gradient(float *d_gate, float *d_gated, const float *mixed, size_t stride, const float *gate,
                        size_t gate_stride, size_t tokens, size_t channels);

/* product = silu(gate) * up, gate_up [tokens x 2 hidden] holding gate and beside it up. */
void gated_unit(float *product, size_t stride, const float *gate_up, size_t gate_up_stride, size_t tokens,
                size_t hidden);

/* d_gate_up receives the gradient of both halves. */
void gated_unit_gradient(float *d_gate_up, const float *d_product, size_t stride, const float *gate_up,
                         size_t gate_up_stride, size_t tokens, size_t hidden);

/* target += addend */
void add_rows(float *target, const float *addend, size_t stride, size_t tokens, size_t channels);

#endif
