/*
 * The output head, tied to the embedding: cross-entropy of the next token, and its gradients.
 *
 * The logits are always products of floats; in integer arithmetic (integer_product.h) the two products of the backward
 * pass are of integers.
 */
#ifndef TIED_HEAD_H
#define TIED_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "matrix_product.h"

/* The embedding [vocabulary x dimension], prepared once a step for all threads. */
struct embedding {
    struct weights floats;
    bool integers;
    int32_t *rounded; /* in parts of DEPTH_LIMIT rows, each rounded by columns into panels; NULL with floats */
    float *units;     /* [parts x dimension]; NULL with floats */
};

/* Floats that the embedding and a thread's work on it take. */
size_t embedding_length(size_t vocabulary, size_t dimension, bool integers);
size_t head_workspace_length(size_t vocabulary, size_t dimension);

/* Lays the embedding out in memory of embedding_length floats. */
struct embedding embedding_at(float *memory, size_t vocabulary, size_t dimension, bool integers);

/* Prepares a thread's share from values [vocabulary x dimension], which must stay in place during the step. */
void embedding_prepare(struct embedding *embedding, const float *values, size_t thread, size_t threads);

/*
 * Sum over the tokens of the cross-entropy, in nats, of targets [tokens] under logits = hidden E^T.
 *
 * hidden [tokens x dimension]. Unless d_hidden is NULL, it receives gradient_scale times the gradient, and d_embedding
 * [vocabulary x dimension] is increased likewise.
 */
double tied_cross_entropy(float *d_hidden, float *d_embedding, const float *hidden, size_t stride,
                          const int32_t *targets, size_t tokens, const struct embedding *embedding,
                          float gradient_scale, float *workspace);

#endif
