#include "weight_gradient.h"

#include "integer_product.h"
#include "matrix_product.h"

/* Tokens that are rounded together, and outputs whose rounded columns stay in a second-level cache. */
enum { TOKENS_AT_ONCE = 256, OUTPUTS_AT_ONCE = 256 };

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* A panel pair is as large as a float. */
static size_t integer_length(size_t inputs) {
    return panel_pairs(inputs, TOKENS_AT_ONCE) + inputs + panel_pairs(OUTPUTS_AT_ONCE, TOKENS_AT_ONCE) +
           OUTPUTS_AT_ONCE;
}

size_t weight_gradient_workspace_length(size_t inputs, size_t tokens) {
    const size_t floats = gradient_workspace_length(inputs, tokens), integers = integer_length(inputs);
    return floats > integers ? floats : integers;
}

static void add_rounded(float *dw, size_t outputs, size_t inputs, const float *dy, size_t dy_stride, const float *x,
                        size_t x_stride, size_t tokens, float *workspace) {
    float *input_units = workspace;
    float *output_units = input_units + inputs;
    int32_t *output_panels = (int32_t *)(output_units + OUTPUTS_AT_ONCE);
    int32_t *input_panels = output_panels + panel_pairs(OUTPUTS_AT_ONCE, TOKENS_AT_ONCE);
    round_columns(input_panels, input_units, x, x_stride, tokens, inputs);
    for (size_t first = 0; first < outputs; first += OUTPUTS_AT_ONCE) {
        const size_t count = smaller(outputs - first, OUTPUTS_AT_ONCE);
        round_columns(output_panels, output_units, dy + first, dy_stride, tokens, count);
        multiply_transposed(dw + first * inputs, inputs, output_panels, output_units, input_panels, input_units, count,
                            inputs, tokens);
    }
}

void add_weight_gradient(float *dw, size_t outputs, size_t inputs, const float *dy, size_t dy_stride, const float *x,
                         size_t x_stride, size_t tokens, bool integers, float *workspace) {
    if (!integers) {
        product_gradient(dw, outputs, inputs, dy, dy_stride, x, x_stride, tokens, workspace);
        return;
    }
    for (size_t first = 0; first < tokens; first += TOKENS_AT_ONCE) {
        add_rounded(dw, outputs, inputs, dy + first * dy_stride, dy_stride, x + first * x_stride, x_stride,
                    smaller(tokens - first, TOKENS_AT_ONCE), workspace);
    }
}
