#include "sequence_pass.h"

#include <stdlib.h>
#include <string.h>

#include "layers.h"
#include "memory.h"
#include "recurrence.h"
#include "tied_head.h"
#include "weight_gradient.h"

/* What the backward pass of a block needs; each [tokens x channels] unless said otherwise. */
struct block_memory {
    float *input; /* the residual stream before the block */
    float *mixer_inverse; /* [tokens] */
    float *mixer_input;
    float *mixer_rows; /* [tokens x mixer_rows]: gates, values, reads, writes */
    float *convolved;
    float *mixed; /* what the memory makes of it; without one the same array */
    float *write_gates; /* [tokens x slot_count] */
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
    size_t mixer_stride;   /* with mixer_rows */
    size_t hidden_stride;  /* with `hidden` */
    size_t gate_up_stride; /* with 2 hidden */
    struct recurrence recurrence;
    struct block_memory *blocks;
    float *output; /* the residual stream after the last block */
    float *final_inverse;
    float *final;
    /* Gradients: of the residual stream, and of what the layer at hand reads and writes. */
    float *d_stream;
    float *d_narrow;
    float *d_convolved;
    float *d_mixer_rows;
    float *d_hidden;
    float *d_gate_up;
    float *d_taps; /* [kernel x dimension] */
    float *product_workspace;
    float *ternary_workspace;
    float *head_workspace;
    float *recurrence_workspace;
    float *cluster_workspace; /* [clusters]: logits; and [vocabulary] */
    int32_t *cluster_targets; /* [tokens] */
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
        TAKE(block->mixer_rows, length * m->mixer_stride);
        TAKE(block->convolved, length * m->stride);
        if (slot_count(shape) > 0) {
            TAKE(block->mixed, length * m->stride);
            TAKE(block->write_gates, length * slot_count(shape));
        } else {
            block->mixed = block->convolved;
        }
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
    TAKE(m->d_convolved, length * m->stride);
    TAKE(m->d_mixer_rows, length * m->mixer_stride);
    TAKE(m->d_hidden, length * m->hidden_stride);
    TAKE(m->d_gate_up, length * m->gate_up_stride);
    TAKE(m->d_taps, shape->kernel * d);
    TAKE(m->product_workspace, weight_gradient_workspace_length(larger(d, shape->hidden), length));
    TAKE(m->ternary_workspace, ternary_workspace_length(larger(mixer_rows(shape), 2 * shape->hidden), length));
    TAKE(m->head_workspace, head_workspace_length(shape->clusters > 0 ? shape->clusters : shape->vocabulary, d));
    TAKE(m->recurrence_workspace, recurrence_workspace_length(&m->recurrence, length));
    TAKE(m->cluster_workspace, shape->clusters + shape->vocabulary);
#undef TAKE
    return used;
}

struct sequence_memory *sequence_memory_create(const struct shape *shape, size_t length) {
    struct sequence_memory *m = calloc(1, sizeof *m);
    if (m == NULL) return NULL;
    m->shape = *shape;
    m->stride = activation_stride(shape->dimension);
    m->mixer_stride = activation_stride(mixer_rows(shape));
    m->hidden_stride = activation_stride(shape->hidden);
    m->gate_up_stride = activation_stride(2 * shape->hidden);
    if (shape->memory_heads > 0) {
        m->recurrence = (struct recurrence){.heads = shape->memory_heads,
                                            .slots = shape->memory_slots,
                                            .width = shape->dimension / shape->memory_heads};
    }
    m->blocks = calloc(shape->blocks, sizeof *m->blocks);
    m->cluster_targets = calloc(length, sizeof *m->cluster_targets);
    if (m->blocks != NULL && m->cluster_targets != NULL) m->memory = allocate_floats(lay_out(m, length, NULL));
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
    free(memory->cluster_targets);
    free(memory);
}

/* ---- Forward ---- */

/* The parts of a block's mixer rows that its memory takes. */
static struct memory_inputs memory_inputs(const struct sequence_memory *m, const float *mixer_rows) {
    const float *reads = mixer_rows + 2 * m->shape.dimension;
    return (struct memory_inputs){
        .reads = reads, .writes = reads + slot_count(&m->shape), .stride = m->mixer_stride};
}

/* output = input + mixer(norm(input)), then output += feed-forward(norm(output)); both residual streams are kept. */
static void block_forward(struct sequence_memory *m, size_t index, const struct block_weights *weights,
                          const float *parameters, const int32_t *ids, size_t tokens, float *output) {
    struct block_memory *block = &m->blocks[index];
    const struct shape *shape = &m->shape;
    const struct block_offsets at = block_offsets(shape, index);
    const size_t d = shape->dimension, row = m->stride;

    rms_norm(block->mixer_input, block->mixer_inverse, block->input, row, tokens, d, parameters + at.norm_1);
    ternary_forward(block->mixer_rows, m->mixer_stride, block->mixer_input, row, tokens, &weights->mixer_up);
    causal_convolution(block->convolved, row, block->mixer_rows + d, m->mixer_stride, tokens, d, parameters + at.taps,
                       shape->kernel, block->taps_by_position);
    if (slot_count(shape) > 0) {
        const struct memory_inputs inputs = memory_inputs(m, block->mixer_rows);
        recurrence_forward(block->mixed, block->write_gates, block->convolved, row, &inputs,
                           parameters + at.write_bias, ids, tokens, &m->recurrence, m->recurrence_workspace);
    }
    open_gate(block->gated, block->mixed, row, block->mixer_rows, m->mixer_stride, tokens, d);
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
        block_forward(m, block, &weights->blocks[block], parameters, tokens, length, output);
    }
    rms_norm(m->final, m->final_inverse, m->output, m->stride, length, d, parameters + final_norm_offset(shape));
}

/* ---- Backward ---- */

/* Turns m->d_stream, the gradient of the block's output, into that of its input. */
static void block_backward(struct sequence_memory *m, size_t index, const struct block_weights *weights,
                           const float *parameters, const int32_t *ids, size_t tokens, float *gradient) {
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
    open_gate_gradient(m->d_mixer_rows, m->d_narrow, block->mixed, row, block->mixer_rows, m->mixer_stride, tokens, d);
    const float *d_convolved = m->d_narrow;
    if (slot_count(shape) > 0) {
        const struct memory_inputs inputs = memory_inputs(m, block->mixer_rows);
        float *d_reads = m->d_mixer_rows + 2 * d;
        recurrence_backward(m->d_convolved, d_reads, d_reads + slot_count(shape), gradient + at.write_bias, m->d_narrow,
                            block->write_gates, block->convolved, row, &inputs, ids, tokens, &m->recurrence,
                            m->recurrence_workspace);
        d_convolved = m->d_convolved;
    }
    causal_convolution_gradient(m->d_mixer_rows + d, gradient + at.taps, d_convolved, row, block->mixer_rows + d,
                                m->mixer_stride, tokens, d, shape->kernel, block->taps_by_position, m->d_taps);
    ternary_backward(m->d_narrow, row, m->d_mixer_rows, m->mixer_stride, tokens, &weights->mixer_up,
                     m->ternary_workspace);
    add_weight_gradient(gradient + at.mixer_up, mixer_rows(shape), d, m->d_mixer_rows, m->mixer_stride,
                        block->mixer_input, row, tokens, integers, m->product_workspace);
    rms_norm_gradient(m->d_stream, gradient + at.norm_1, m->d_narrow, block->input, block->mixer_inverse, row, tokens,
                      d, parameters + at.norm_1);
}

/* Cross-entropy of targets [length] after m->final; m->d_narrow receives its gradient unless `gradient` is NULL. */
static double head_loss(struct sequence_memory *m, const struct step_weights *weights, const int32_t *targets,
                        size_t length, float gradient_scale, float *gradient) {
    const struct shape *shape = &m->shape;
    float *d_final = gradient == NULL ? NULL : m->d_narrow;
    if (shape->clusters == 0) {
        return tied_cross_entropy(d_final, gradient, m->final, m->stride, targets, length, &weights->embedding,
                                  gradient_scale, m->head_workspace);
    }
    for (size_t i = 0; i < length; i++) {
        m->cluster_targets[i] = weights->clustered.cluster_of_token[targets[i]];
    }
    float *d_clusters = gradient == NULL ? NULL : gradient + clusters_offset(shape);
    const double loss = tied_cross_entropy(d_final, d_clusters, m->final, m->stride, m->cluster_targets, length,
                                           &weights->embedding, gradient_scale, m->head_workspace);
    return loss + cluster_cross_entropy(d_final, gradient, m->final, m->stride, targets, length, &weights->clustered,
                                        gradient_scale, m->cluster_workspace);
}

double sequence_loss(struct sequence_memory *m, const struct step_weights *weights, const float *parameters,
                     const int32_t *window, size_t length, float gradient_scale, float *gradient) {
    const struct shape *shape = &m->shape;
    const size_t d = shape->dimension;
    const size_t final_norm = final_norm_offset(shape);
    forward(m, weights, parameters, window, length);
    const double loss = head_loss(m, weights, window + 1, length, gradient_scale, gradient);
    if (gradient == NULL) return loss;

    memset(m->d_stream, 0, length * m->stride * sizeof(float));
    rms_norm_gradient(m->d_stream, gradient + final_norm, m->d_narrow, m->output, m->final_inverse, m->stride, length,
                      d, parameters + final_norm);
    for (size_t block = shape->blocks; block-- > 0;) {
        block_backward(m, block, &weights->blocks[block], parameters, window, length, gradient);
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
    const size_t vocabulary = m->shape.vocabulary;
    if (m->shape.clusters == 0) {
        product_forward(logits, vocabulary, m->final, m->stride, length, &weights->embedding.floats);
        return;
    }
    float *cluster_logits = m->cluster_workspace + vocabulary;
    for (size_t i = 0; i < length; i++) {
        const float *hidden = m->final + i * m->stride;
        product_forward(cluster_logits, m->shape.clusters, hidden, m->stride, 1, &weights->embedding.floats);
        joint_logits(logits + i * vocabulary, cluster_logits, hidden, &weights->clustered, m->cluster_workspace);
    }
}
