#include "sequence_pass.h"

#include <stdlib.h>
#include <string.h>

#include "layers.h"
#include "memory.h"
#include "tied_head.h"
#include "weight_gradient.h"

/* What the backward pass of a block needs; each [tokens x channels] unless said otherwise. */
struct block_memory {
    float *input; /* the residual stream before the block */
    float *mixer_inverse; /* [tokens] */
    float *mixer_input;
    float *gate_value; /* [tokens x 2 dimension] */
    float *convolved;
    float *gated;
    float *taps_by_position; /* [kernel x dimension] */
    float *middle;           /* the residual stream between mixer and feed-forward layer */
    float *unit_inverse; /* [tokens] */
    float *unit_input;
    float *gate_up; /* [tokens x 2 hidden] */
    float *product; /* [tokens x hidden] */
};

struct sequence_memory {
    struct shape shape;
    size_t stride;         /* of rows with `dimension` channels */
    size_t double_stride;  /* with 2 dimension */
    size_t hidden_stride;  /* with `hidden` */
    size_t gate_up_stride; /* with 2 hidden */
    struct block_memory *blocks;
    float *output; /* the residual stream after the last block */
    float *final_inverse;
    float *final;
    /* Gradients: of the residual stream, and of what the layer at hand reads and writes. */
    float *d_stream;
    float *d_narrow;
    float *d_double;
    float *d_hidden;
    float *d_gate_up;
    float *d_taps; /* [kernel x dimension] */
    float *product_workspace;
    float *ternary_workspace;
    float *head_workspace;
    float *memory;
};

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

/* Hands out the arrays one after another from `cursor`; with NULL it only counts the floats. */
static size_t lay_out(struct sequence_memory *m, size_t length, float *cursor) {
    const struct shape *shape = &m->shape;
    const size_t d = shape->dimension;
    size_t used = 0;
#define TAKE(field, count)                                                                                             \
    do {                                                                                                               \
        if (cursor != NULL) (field) = cursor + used;                                                                   \
        used += activation_stride(count);                                                                              \
    } while (0)
    for (size_t i = 0; i < shape->blocks; i++) {
        struct block_memory *block = &m->blocks[i];
        TAKE(block->input, length * m->stride);
        TAKE(block->mixer_inverse, length);
        TAKE(block->mixer_input, length * m->stride);
        TAKE(block->gate_value, length * m->double_stride);
        TAKE(block->convolved, length * m->stride);
        TAKE(block->gated, length * m->stride);
        TAKE(block->taps_by_position, shape->kernel * d);
        TAKE(block->middle, length * m->stride);
        TAKE(block->unit_inverse, length);
        TAKE(block->unit_input, length * m->stride);
        TAKE(block->gate_up, length * m->gate_up_stride);
        TAKE(block->product, length * m->hidden_stride);
    }
    TAKE(m->output, length * m->stride);
    TAKE(m->final_inverse, length);
    TAKE(m->final, length * m->stride);
    TAKE(m->d_stream, length * m->stride);
    TAKE(m->d_narrow, length * m->stride);
    TAKE(m->d_double, length * m->double_stride);
    TAKE(m->d_hidden, length * m->hidden_stride);
    TAKE(m->d_gate_up, length * m->gate_up_stride);
    TAKE(m->d_taps, shape->kernel * d);
    TAKE(m->product_workspace, weight_gradient_workspace_length(larger(d, shape->hidden), length));
    TAKE(m->ternary_workspace, ternary_workspace_length(2 * larger(d, shape->hidden), length));
    TAKE(m->head_workspace, head_workspace_length(shape->vocabulary, d));
#undef TAKE
    return used;
}

struct sequence_memory *sequence_memory_create(const struct shape *shape, size_t length) {
    struct sequence_memory *m = calloc(1, sizeof *m);
    if (m == NULL) return NULL;
    m->shape = *shape;
    m->stride = activation_stride(shape->dimension);
    m->double_stride = activation_stride(2 * shape->dimension);
    m->hidden_stride = activation_stride(shape->hidden);
    m->gate_up_stride = activation_stride(2 * shape->hidden);
    m->blocks = calloc(shape->blocks, sizeof *m->blocks);
    if (m->blocks != NULL) m->memory = allocate_floats(lay_out(m, length, NULL));
    if (m->memory == NULL) {
        sequence_memory_destroy(m);
        return NULL;
    }
    lay_out(m, length, m->memory);
    return m;
}

void sequence_memory_destroy(struct sequence_memory *memory) {
    if (memory == NULL) return;
    free(memory->memory);
    free(memory->blocks);
    free(memory);
}

/* ---- Forward ---- */

/* output = input + mixer(norm(input)), then output += feed-forward(norm(output)); both residual streams are kept. */
static void block_forward(struct sequence_memory *m, size_t index, const struct block_weights *weights,
                          const float *parameters, size_t tokens, float *output) {
    struct block_memory *block = &m->blocks[index];
    const struct shape *shape = &m->shape;
    const struct block_offsets at = block_offsets(shape, index);
    const size_t d = shape->dimension, row = m->stride;

    rms_norm(block->mixer_input, block->mixer_inverse, block->input, row, tokens, d, parameters + at.norm_1);
    ternary_forward(block->gate_value, m->double_stride, block->mixer_input, row, tokens, &weights->mixer_up);
    gated_convolution(block->gated, block->convolved, row, block->gate_value, m->double_stride, tokens, d,
                      parameters + at.taps, shape->kernel, block->taps_by_position);
    ternary_forward(block->middle, row, block->gated, row, tokens, &weights->mixer_down);
    add_rows(block->middle, block->input, row, tokens, d);

    rms_norm(block->unit_input, block->unit_inverse, block->middle, row, tokens, d, parameters + at.norm_2);
    ternary_forward(block->gate_up, m->gate_up_stride, block->unit_input, row, tokens, &weights->gate_up);
    gated_unit(block->product, m->hidden_stride, block->gate_up, m->gate_up_stride, tokens, shape->hidden);
    ternary_forward(output, row, block->product, m->hidden_stride, tokens, &weights->down);
    add_rows(output, block->middle, row, tokens, d);
}

/* Fills m->final with the normalised output of the last block. */
static void forward(struct sequence_memory *m, const struct step_weights *weights, const float *parameters,
                    const int32_t *tokens, size_t length) {
    const struct shape *shape = &m->shape;
    const size_t d = shape->dimension;
    float *stream = m->blocks[0].input;
    for (size_t token = 0; token < length; token++) {
        memcpy(stream + token * m->stride, parameters + (size_t)tokens[token] * d, d * sizeof(float));
    }
    for (size_t block = 0; block < shape->blocks; block++) {
        float *output = block + 1 < shape->blocks ? m->blocks[block + 1].input : m->output;
        block_forward(m, block, &weights->blocks[block], parameters, length, output);
    }
    rms_norm(m->final, m->final_inverse, m->output, m->stride, length, d, parameters + final_norm_offset(shape));
}

/* ---- Backward ---- */

/* Turns m->d_stream, the gradient of the block's output, into that of its input. */
static void block_backward(struct sequence_memory *m, size_t index, const struct block_weights *weights,
                           const float *parameters, size_t tokens, float *gradient) {
    struct block_memory *block = &m->blocks[index];
    const struct shape *shape = &m->shape;
    const struct block_offsets at = block_offsets(shape, index);
    const size_t d = shape->dimension, hidden = shape->hidden, row = m->stride;
    const bool integers = weights->gate_up.integers;

    ternary_backward(m->d_hidden, m->hidden_stride, m->d_stream, row, tokens, &weights->down, m->ternary_workspace);
    add_weight_gradient(gradient + at.down, d, hidden, m->d_stream, row, block->product, m->hidden_stride, tokens,
                        integers, m->product_workspace);
    gated_unit_gradient(m->d_gate_up, m->d_hidden, m->hidden_stride, block->gate_up, m->gate_up_stride, tokens,
                        hidden);
    ternary_backward(m->d_narrow, row, m->d_gate_up, m->gate_up_stride, tokens, &weights->gate_up,
                     m->ternary_workspace);
    add_weight_gradient(gradient + at.gate, 2 * hidden, d, m->d_gate_up, m->gate_up_stride, block->unit_input, row,
                        tokens, integers, m->product_workspace);
    rms_norm_gradient(m->d_stream, gradient + at.norm_2, m->d_narrow, block->middle, block->unit_inverse, row, tokens,
                      d, parameters + at.norm_2);

    ternary_backward(m->d_narrow, row, m->d_stream, row, tokens, &weights->mixer_down, m->ternary_workspace);
    add_weight_gradient(gradient + at.mixer_down, d, d, m->d_stream, row, block->gated, row, tokens, integers,
                        m->product_workspace);
    gated_convolution_gradient(m->d_double, gradient + at.taps, m->d_narrow, block->convolved, row, block->gate_value,
                               m->double_stride, tokens, d, shape->kernel, block->taps_by_position, m->d_taps);
    ternary_backward(m->d_narrow, row, m->d_double, m->double_stride, tokens, &weights->mixer_up,
                     m->ternary_workspace);
    add_weight_gradient(gradient + at.mixer_up, 2 * d, d, m->d_double, m->double_stride, block->mixer_input, row,
                        tokens, integers, m->product_workspace);
    rms_norm_gradient(m->d_stream, gradient + at.norm_1, m->d_narrow, block->input, block->mixer_inverse, row, tokens,
                      d, parameters + at.norm_1);
}

double sequence_loss(struct sequence_memory *m, const struct step_weights *weights, const float *parameters,
                     const int32_t *window, size_t length, float gradient_scale, float *gradient) {
    const struct shape *shape = &m->shape;
    const size_t d = shape->dimension;
    const size_t final_norm = final_norm_offset(shape);
    forward(m, weights, parameters, window, length);
    const double loss =
        tied_cross_entropy(gradient == NULL ? NULL : m->d_narrow, gradient, m->final, m->stride, window + 1, length,
                           &weights->embedding, gradient_scale, m->head_workspace);
    if (gradient == NULL) return loss;

    memset(m->d_stream, 0, length * m->stride * sizeof(float));
    rms_norm_gradient(m->d_stream, gradient + final_norm, m->d_narrow, m->output, m->final_inverse, m->stride, length,
                      d, parameters + final_norm);
    for (size_t block = shape->blocks; block-- > 0;) {
        block_backward(m, block, &weights->blocks[block], parameters, length, gradient);
    }
    for (size_t token = 0; token < length; token++) {
        float *embedding_row = gradient + (size_t)window[token] * d;
        const float *d_row = m->d_stream + token * m->stride;
        for (size_t c = 0; c < d; c++) embedding_row[c] += d_row[c];
    }
    return loss;
}

void sequence_logits(struct sequence_memory *m, const struct step_weights *weights, const float *parameters,
                     const int32_t *tokens, size_t length, float *logits) {
    forward(m, weights, parameters, tokens, length);
    product_forward(logits, m->shape.vocabulary, m->final, m->stride, length, &weights->embedding.floats);
}
