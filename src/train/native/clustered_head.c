#include "clustered_head.h"

#include <math.h>
#include <stdlib.h>

#include "memory.h"
#include "vector_math.h"

bool clustered_embedding_create(struct clustered_embedding *embedding, size_t vocabulary, size_t dimension,
                                size_t clusters) {
    *embedding = (struct clustered_embedding){.vocabulary = vocabulary, .dimension = dimension, .clusters = clusters};
    embedding->panels = allocate_floats(vocabulary * dimension);
    embedding->first_row = calloc(clusters + 1, sizeof *embedding->first_row);
    embedding->token_of_row = calloc(vocabulary, sizeof *embedding->token_of_row);
    embedding->row_of_token = calloc(vocabulary, sizeof *embedding->row_of_token);
    embedding->cluster_of_token = calloc(vocabulary, sizeof *embedding->cluster_of_token);
    return embedding->panels != NULL && embedding->first_row != NULL && embedding->token_of_row != NULL &&
           embedding->row_of_token != NULL && embedding->cluster_of_token != NULL;
}

void clustered_embedding_destroy(struct clustered_embedding *embedding) {
    free(embedding->panels);
    free(embedding->first_row);
    free(embedding->token_of_row);
    free(embedding->row_of_token);
    free(embedding->cluster_of_token);
    *embedding = (struct clustered_embedding){0};
}

void clustered_embedding_sort(struct clustered_embedding *embedding, const float *cluster_of_token) {
    int32_t row = 0;
    for (size_t cluster = 0; cluster < embedding->clusters; cluster++) {
        embedding->first_row[cluster] = row;
        for (size_t token = 0; token < embedding->vocabulary; token++) {
            if (cluster_of_token[token] != (float)cluster) continue;
            embedding->cluster_of_token[token] = (int32_t)cluster;
            embedding->row_of_token[token] = row;
            embedding->token_of_row[row++] = (int32_t)token;
        }
    }
    embedding->first_row[embedding->clusters] = row;
}

static size_t cluster_size(const struct clustered_embedding *embedding, size_t cluster) {
    return (size_t)(embedding->first_row[cluster + 1] - embedding->first_row[cluster]);
}

/* The embedding of a token of a cluster. */
static const float *row_at(const struct clustered_embedding *embedding, size_t row) {
    return embedding->values + (size_t)embedding->token_of_row[row] * embedding->dimension;
}

void clustered_embedding_prepare(struct clustered_embedding *embedding, const float *values, size_t thread,
                                 size_t threads) {
    const size_t dimension = embedding->dimension;
    if (thread == 0) embedding->values = values;
    for (size_t cluster = thread; cluster < embedding->clusters; cluster += threads) {
        const size_t first = (size_t)embedding->first_row[cluster], size = cluster_size(embedding, cluster);
        float *panel = embedding->panels + first * dimension;
        for (size_t i = 0; i < size; i++) {
            const float *row = values + (size_t)embedding->token_of_row[first + i] * dimension;
            for (size_t c = 0; c < dimension; c++) panel[c * size + i] = row[c];
        }
    }
}

/* logits [size of the cluster] = hidden times the cluster's rows */
static void cluster_product(float *restrict logits, const float *hidden, const struct clustered_embedding *embedding,
                            size_t cluster) {
    const size_t size = cluster_size(embedding, cluster);
    const float *panel = embedding->panels + (size_t)embedding->first_row[cluster] * embedding->dimension;
    for (size_t i = 0; i < size; i++) logits[i] = 0;
    for (size_t c = 0; c < embedding->dimension; c++) {
        for (size_t i = 0; i < size; i++) logits[i] += hidden[c] * panel[c * size + i];
    }
}

/* Turns logits into exp(logit - largest); returns their sum and, in `largest`, what was taken off. */
static float exponentials(float *restrict logits, size_t count, float *largest) {
    *largest = largest_element(logits, count);
    float sum = 0;
    for (size_t i = 0; i < count; i++) {
        logits[i] = exponential(logits[i] - *largest);
        sum += logits[i];
    }
    return sum;
}

double cluster_cross_entropy(float *d_hidden, float *d_embedding, const float *hidden, size_t stride,
                             const int32_t *targets, size_t tokens, const struct clustered_embedding *embedding,
                             float gradient_scale, float *workspace) {
    const size_t dimension = embedding->dimension;
    float *logits = workspace;
    double loss = 0;
    for (size_t token = 0; token < tokens; token++) {
        const int32_t target = targets[token];
        const size_t cluster = (size_t)embedding->cluster_of_token[target];
        const size_t first = (size_t)embedding->first_row[cluster], size = cluster_size(embedding, cluster);
        const size_t place = (size_t)embedding->row_of_token[target] - first;
        const float *in = hidden + token * stride;
        cluster_product(logits, in, embedding, cluster);
        const float target_logit = logits[place];
        float largest;
        const float sum = exponentials(logits, size, &largest);
        loss += log((double)sum) - ((double)target_logit - (double)largest);
        if (d_hidden == NULL) continue;
        float *restrict d_in = d_hidden + token * stride;
        for (size_t i = 0; i < size; i++) {
            const float d_logit = gradient_scale * (logits[i] / sum - (i == place ? 1.0f : 0.0f));
            const float *row = row_at(embedding, first + i);
            float *restrict d_row = d_embedding + (row - embedding->values);
            for (size_t c = 0; c < dimension; c++) {
                d_in[c] += d_logit * row[c];
                d_row[c] += d_logit * in[c];
            }
        }
    }
    return loss;
}

void joint_logits(float *logits, const float *cluster_logits, const float *hidden,
                  const struct clustered_embedding *embedding, float *workspace) {
    for (size_t cluster = 0; cluster < embedding->clusters; cluster++) {
        const size_t first = (size_t)embedding->first_row[cluster], size = cluster_size(embedding, cluster);
        if (size == 0) continue;
        cluster_product(workspace, hidden, embedding, cluster);
        for (size_t i = 0; i < size; i++) logits[embedding->token_of_row[first + i]] = workspace[i];
        float largest;
        const float sum = exponentials(workspace, size, &largest);
        const float offset = cluster_logits[cluster] - largest - logf(sum);
        for (size_t i = 0; i < size; i++) logits[embedding->token_of_row[first + i]] += offset;
    }
}
