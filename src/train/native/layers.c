#include "layers.h"

#include "vector_math.h"

static const float NORM_EPSILON = 1e-6f;

void rms_norm(float *normalised, float *inverse, const float *x, size_t stride, size_t tokens, size_t channels,
              const float *scale) {
    for (size_t token = 0; token < tokens; token++) {
        const float *in = x + token * stride;
        float *restrict out = normalised + token * stride;
        float square_sum = 0;
        for (size_t c = 0; c < channels; c++) square_sum += in[c] * in[c];
        const float factor = 1.0f / sqrtf(square_sum / (float)channels + NORM_EPSILON);
        inverse[token] = factor;
        for (size_t c = 0; c < channels; c++) out[c] = in[c] * factor * scale[c];
    }
}

/* With y = x r, r = 1 / sqrt(mean(x^2) + e): dx = r (g - y mean(g y)), g being the gradient of y. */
void rms_norm_gradient(float *dx, float *dscale, const float *d_normalised, const float *x, const float *inverse,
                       size_t stride, size_t tokens, size_t channels, const float *scale) {
    for (size_t token = 0; token < tokens; token++) {
        const float *in = x + token * stride;
        const float *upstream = d_normalised + token * stride;
        float *restrict out = dx + token * stride;
        float *restrict scale_gradient = dscale;
        const float factor = inverse[token];
        float correlation = 0;
        for (size_t c = 0; c < channels; c++) {
            const float y = in[c] * factor;
            scale_gradient[c] += upstream[c] * y;
            correlation += upstream[c] * scale[c] * y;
        }
        const float mean = correlation / (float)channels;
        for (size_t c = 0; c < channels; c++) {
            out[c] += factor * (upstream[c] * scale[c] - in[c] * factor * mean);
        }
    }
}

void causal_convolution(float *convolved, size_t stride, const float *values, size_t values_stride, size_t tokens,
                        size_t channels, const float *taps, size_t kernel, float *taps_by_position) {
    for (size_t c = 0; c < channels; c++) {
        for (size_t k = 0; k < kernel; k++) taps_by_position[k * channels + c] = taps[c * kernel + k];
    }
    for (size_t token = 0; token < tokens; token++) {
        float *restrict sum = convolved + token * stride;
        for (size_t c = 0; c < channels; c++) sum[c] = 0;
        /* Tap k meets the token kernel - 1 - k steps ago; before the first token stand zeros. */
        for (size_t k = token + 1 < kernel ? kernel - 1 - token : 0; k < kernel; k++) {
            const float *value = values + (token + k + 1 - kernel) * values_stride;
            const float *tap = taps_by_position + k * channels;
            for (size_t c = 0; c < channels; c++) sum[c] += tap[c] * value[c];
        }
    }
}

void causal_convolution_gradient(float *d_values, float *dtaps, const float *d_convolved, size_t stride,
                                 const float *values, size_t values_stride, size_t tokens, size_t channels,
                                 size_t kernel, const float *taps_by_position, float *workspace) {
    for (size_t i = 0; i < kernel * channels; i++) workspace[i] = 0;
    for (size_t token = 0; token < tokens; token++) {
        float *restrict d_value = d_values + token * values_stride;
        const float *value = values + token * values_stride;
        for (size_t c = 0; c < channels; c++) d_value[c] = 0;
        /* A value reaches the sums of the kernel - 1 tokens after it, the newest tap first. */
        for (size_t k = kernel; k-- > 0 && token + kernel - 1 - k < tokens;) {
            const float *upstream = d_convolved + (token + kernel - 1 - k) * stride;
            const float *tap = taps_by_position + k * channels;
            float *restrict tap_gradient = workspace + k * channels;
            for (size_t c = 0; c < channels; c++) {
                d_value[c] += tap[c] * upstream[c];
                tap_gradient[c] += value[c] * upstream[c];
            }
        }
    }
    for (size_t c = 0; c < channels; c++) {
        for (size_t k = 0; k < kernel; k++) dtaps[c * kernel + k] += workspace[k * channels + c];
    }
}

void open_gate(float *gated, const float *mixed, size_t stride, const float *gate, size_t gate_stride, size_t tokens,
               size_t channels) {
    for (size_t token = 0; token < tokens; token++) {
        const float *opening = gate + token * gate_stride;
        const float *in = mixed + token * stride;
        float *restrict out = gated + token * stride;
        for (size_t c = 0; c < channels; c++) out[c] = in[c] * sigmoid(opening[c]);
    }
}

void open_gate_gradient(float *d_gate, float *d_gated, const float *mixed, size_t stride, const float *gate,
                        size_t gate_stride, size_t tokens, size_t channels) {
    for (size_t token = 0; token < tokens; token++) {
        const float *opening = gate + token * gate_stride;
        const float *in = mixed + token * stride;
        float *restrict upstream = d_gated + token * stride;
        float *restrict d_opening = d_gate + token * gate_stride;
        for (size_t c = 0; c < channels; c++) {
            const float open = sigmoid(opening[c]);
            d_opening[c] = upstream[c] * in[c] * open * (1 - open);
            upstream[c] *= open;
        }
    }
}

void gated_unit(float *product, size_t stride, const float *gate_up, size_t gate_up_stride, size_t tokens,
                size_t hidden) {
    for (size_t token = 0; token < tokens; token++) {
        const float *gate = gate_up + token * gate_up_stride;
        const float *up = gate + hidden;
        float *restrict out = product + token * stride;
        for (size_t c = 0; c < hidden; c++) out[c] = gate[c] * sigmoid(gate[c]) * up[c];
    }
}

void gated_unit_gradient(float *d_gate_up, const float *d_product, size_t stride, const float *gate_up,
                         size_t gate_up_stride, size_t tokens, size_t hidden) {
    for (size_t token = 0; token < tokens; token++) {
        const float *gate = gate_up + token * gate_up_stride;
        const float *up = gate + hidden;
        const float *upstream = d_product + token * stride;
        float *restrict d_gate = d_gate_up + token * gate_up_stride;
        float *restrict d_up = d_gate + hidden;
        for (size_t c = 0; c < hidden; c++) {
            const float open = sigmoid(gate[c]);
            d_up[c] = upstream[c] * gate[c] * open;
            d_gate[c] = upstream[c] * up[c] * open * (1 + gate[c] * (1 - open));
        }
    }
}

void add_rows(float *target, const float *addend, size_t stride, size_t tokens, size_t channels) {
    for (size_t token = 0; token < tokens; token++) {
        float *restrict sum = target + token * stride;
        const float *row = addend + token * stride;
        for (size_t c = 0; c < channels; c++) sum[c] += row[c];
    }
}
