#include "tied_head.h"

#include "integer_product.h"
#include "thread_pool.h"
#include "vector_math.h"
#include "weight_gradient.h"

/* Tokens whose logits are held at once. */
enum { TOKENS_AT_ONCE = 256 };

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

static size_t part_count(size_t vocabulary) {
    return (vocabulary + DEPTH_LIMIT - 1) / DEPTH_LIMIT;
}

size_t embedding_length(size_t vocabulary, size_t dimension, bool integers) {
    const size_t backward = integers ? part_count(vocabulary) * (panel_pairs(dimension, DEPTH_LIMIT) + dimension)
                                     : backward_panel_length(vocabulary, dimension);
    return forward_panel_length(vocabulary, dimension) + backward;
}

size_t head_workspace_length(size_t vocabulary, size_t dimension) {
    const size_t rounded = TOKENS_AT_ONCE * (pair_count(DEPTH_LIMIT) + 1);
    const size_t gradient = weight_gradient_workspace_length(dimension, TOKENS_AT_ONCE);
    return TOKENS_AT_ONCE * activation_stride(vocabulary) + (rounded > gradient ? rounded : gradient);
}

struct embedding embedding_at(float *memory, size_t vocabulary, size_t dimension, bool integers) {
    struct embedding embedding = {.integers = integers};
    float *backward = memory + forward_panel_length(vocabulary, dimension);
    embedding.floats = (struct weights){.outputs = vocabulary, .inputs = dimension, .forward_panels = memory};
    if (integers) {
        embedding.rounded = (int32_t *)backward;
        embedding.units = backward + part_count(vocabulary) * panel_pairs(dimension, DEPTH_LIMIT);
    } else {
        embedding.floats.backward_panels = backward;
    }
    return embedding;
}

void embedding_prepare(struct embedding *embedding, const float *values, size_t thread, size_t threads) {
    struct weights *floats = &embedding->floats;
    const size_t vocabulary = floats->outputs, dimension = floats->inputs;
    const size_t forward = forward_panel_count(floats);
    pack_forward_panels(floats, first_item(forward, thread, threads), first_item(forward, thread + 1, threads));
    if (!embedding->integers) {
        const size_t backward = backward_panel_count(floats);
        pack_backward_panels(floats, first_item(backward, thread, threads), first_item(backward, thread + 1, threads));
        return;
    }
    for (size_t part = thread; part < part_count(vocabulary); part += threads) {
        const size_t first = part * DEPTH_LIMIT;
        round_columns(embedding->rounded + part * panel_pairs(dimension, DEPTH_LIMIT),
                      embedding->units + part * dimension, values + first * dimension, dimension,
                      smaller(vocabulary - first, DEPTH_LIMIT), dimension);
    }
}

/* d_hidden [tokens x dimension] = gradient of the logits [tokens x vocabulary] times the rounded embedding */
static void rounded_backward(float *d_hidden, size_t stride, const float *d_logits, size_t logit_stride, size_t tokens,
                             const struct embedding *embedding, float *workspace) {
    const size_t vocabulary = embedding->floats.outputs, dimension = embedding->floats.inputs;
    float *row_units = workspace;
    int32_t *pairs = (int32_t *)(workspace + TOKENS_AT_ONCE);
    for (size_t part = 0; part < part_count(vocabulary); part++) {
        const size_t first = part * DEPTH_LIMIT, depth = smaller(vocabulary - first, DEPTH_LIMIT);
        round_rows(pairs, row_units, d_logits + first, logit_stride, tokens, depth, false);
        const int32_t *rounded = embedding->rounded + part * panel_pairs(dimension, DEPTH_LIMIT);
        multiply_rows(d_hidden, stride, pairs, row_units, rounded, embedding->units + part * dimension, tokens,
                      dimension, depth, part > 0);
    }
}

/*
 * Cross-entropy of a target under one row of logits. Turns the row into its gradient, (softmax - one-hot) times
 * gradient_scale.
 */
static double row_cross_entropy(float *restrict logits, size_t vocabulary, int32_t target, float gradient_scale) {
    const float largest = largest_element(logits, vocabulary);
    const float target_logit = logits[target];
    float sum = 0;
    for (size_t i = 0; i < vocabulary; i++) {
        logits[i] = exponential(logits[i] - largest);
        sum += logits[i];
    }
    const float factor = gradient_scale / sum;
    for (size_t i = 0; i < vocabulary; i++) logits[i] *= factor;
    logits[target] -= gradient_scale;
    return log((double)sum) - ((double)target_logit - (double)largest);
}

double tied_cross_entropy(float *d_hidden, float *d_embedding, const float *hidden, size_t stride,
                          const int32_t *targets, size_t tokens, const struct embedding *embedding,
                          float gradient_scale, float *workspace) {
    const size_t vocabulary = embedding->floats.outputs;
    const size_t logit_stride = activation_stride(vocabulary);
    float *logits = workspace;
    float *product_workspace = workspace + TOKENS_AT_ONCE * logit_stride;
    double loss = 0;
    for (size_t first = 0; first < tokens; first += TOKENS_AT_ONCE) {
        const size_t count = smaller(tokens - first, TOKENS_AT_ONCE);
        const float *rows = hidden + first * stride;
        product_forward(logits, logit_stride, rows, stride, count, &embedding->floats);
        for (size_t token = 0; token < count; token++) {
            loss += row_cross_entropy(logits + token * logit_stride, vocabulary, targets[first + token],
                                      gradient_scale);
        }
        if (d_hidden == NULL) continue;
        float *d_rows = d_hidden + first * stride;
        if (embedding->integers) {
            rounded_backward(d_rows, stride, logits, logit_stride, count, embedding, product_workspace);
        } else {
            product_backward(d_rows, stride, logits, logit_stride, count, &embedding->floats);
        }
        add_weight_gradient(d_embedding, vocabulary, embedding->floats.inputs, logits, logit_stride, rows, stride,
                            count, embedding->integers, product_workspace);
    }
    return loss;
}
