#include "ternary_layer.h"

#include <math.h>

#include "integer_product.h"

static const float TERNARY_EPSILON = 1e-8f;

/* Floats of a part of a layer: parts begin at a cache line. */
static size_t part(size_t count) {
    const size_t line = 64 / sizeof(float);
    return (count + line - 1) / line * line;
}

size_t ternary_layer_length(size_t outputs, size_t inputs, bool integers) {
    const size_t backward = integers ? panel_pairs(inputs, outputs) : backward_panel_length(outputs, inputs);
    return part(outputs) + part(outputs * inputs) + part(forward_panel_length(outputs, inputs)) + part(backward);
}

size_t ternary_workspace_length(size_t widest, size_t tokens) {
    return tokens * pair_count(widest) + tokens + widest;
}

struct ternary_layer ternary_layer_at(float *memory, size_t outputs, size_t inputs, bool integers) {
    struct ternary_layer layer = {.outputs = outputs, .inputs = inputs, .integers = integers, .scales = memory};
    layer.values = memory + part(outputs);
    float *forward = layer.values + part(outputs * inputs);
    float *backward = forward + part(forward_panel_length(outputs, inputs));
    layer.floats =
        (struct weights){.outputs = outputs, .inputs = inputs, .values = layer.values, .forward_panels = forward};
    if (integers) {
        layer.backward_panels = (int32_t *)backward;
    } else {
        layer.floats.backward_panels = backward;
    }
    return layer;
}

/* Digits of one matrix as floats; returns its scale. */
static float ternarise(float *restrict digits, const float *restrict latent, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += fabsf(latent[i]);
    const float scale = (float)(sum / (double)count);
    const float divisor = scale + TERNARY_EPSILON;
    for (size_t i = 0; i < count; i++) {
        const float digit = rintf(latent[i] / divisor);
        digits[i] = digit < -1 ? -1 : digit > 1 ? 1 : digit;
    }
    return scale;
}

/* values [depth x columns] as panels of integers */
static void pack_digits(int32_t *panels, const float *values, size_t depth, size_t columns) {
    const size_t pairs = pair_count(depth);
    for (size_t k = 0; k < pairs; k++) {
        const float *upper = values + k * columns;
        const float *lower = k + pairs < depth ? values + (k + pairs) * columns : NULL;
        for (size_t column = 0; column < columns; column++) {
            panels[panel_position(column, depth) + k * PANEL_COLUMNS] =
                pair_of(upper[column], lower == NULL ? 0 : lower[column]);
        }
    }
}

void ternary_layer_prepare(struct ternary_layer *layer, const float *latent, size_t matrices) {
    float *values = layer->values;
    const size_t rows = layer->outputs / matrices, count = rows * layer->inputs;
    for (size_t i = 0; i < matrices; i++) {
        const float scale = ternarise(values + i * count, latent + i * count, count);
        for (size_t row = 0; row < rows; row++) layer->scales[i * rows + row] = scale;
    }
    if (layer->integers) pack_digits(layer->backward_panels, values, layer->outputs, layer->inputs);
    for (size_t row = 0; row < layer->outputs; row++) {
        for (size_t i = 0; i < layer->inputs; i++) values[row * layer->inputs + i] *= layer->scales[row];
    }
    pack_forward_panels(&layer->floats, 0, forward_panel_count(&layer->floats));
    if (!layer->integers) pack_backward_panels(&layer->floats, 0, backward_panel_count(&layer->floats));
}

void ternary_forward(float *y, size_t y_stride, const float *x, size_t x_stride, size_t tokens,
                     const struct ternary_layer *layer) {
    product_forward(y, y_stride, x, x_stride, tokens, &layer->floats);
}

void ternary_backward(float *dx, size_t dx_stride, const float *dy, size_t dy_stride, size_t tokens,
                      const struct ternary_layer *layer, float *workspace) {
    if (!layer->integers) {
        product_backward(dx, dx_stride, dy, dy_stride, tokens, &layer->floats);
        return;
    }
    float *units = workspace;
    float *scaled = workspace + tokens;
    int32_t *pairs = (int32_t *)(scaled + layer->outputs);
    for (size_t token = 0; token < tokens; token++) {
        const float *row = dy + token * dy_stride;
        for (size_t i = 0; i < layer->outputs; i++) scaled[i] = row[i] * layer->scales[i];
        round_rows(pairs + token * pair_count(layer->outputs), units + token, scaled, 0, 1, layer->outputs, true);
    }
    multiply_rows(dx, dx_stride, pairs, units, layer->backward_panels, NULL, tokens, layer->inputs, layer->outputs,
                  false);
}
