/*
 * The second level of a two-level softmax: the next token within its cluster (docs/arithmetic.md, "clusters").
 *
 * The first level, the cluster itself, is a tied_head.h with the clusters' rows in place of the embedding.
 */
#ifndef CLUSTERED_HEAD_H
#define CLUSTERED_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct clustered_embedding {
    size_t vocabulary;
    size_t dimension;
    size_t clusters;
    const float *values;       /* [vocabulary x dimension], in order of token */
    float *panels;             /* for each cluster its rows, transposed: [dimension x size] */
    int32_t *first_row;        /* [clusters + 1]: rows of the clusters, laid one after another */
    int32_t *token_of_row;     /* [vocabulary] */
    int32_t *row_of_token;     /* [vocabulary] */
    int32_t *cluster_of_token; /* [vocabulary] */
};

/* Allocates; returns false where memory is short. */
bool clustered_embedding_create(struct clustered_embedding *embedding, size_t vocabulary, size_t dimension,
                                size_t clusters);
void clustered_embedding_destroy(struct clustered_embedding *embedding);

/* Sorts the tokens into their clusters; cluster_of_token [vocabulary] holds whole numbers below `clusters`. */
void clustered_embedding_sort(struct clustered_embedding *embedding, const float *cluster_of_token);

/* Prepares a thread's share of the panels from values that must stay in place during the step. */
void clustered_embedding_prepare(struct clustered_embedding *embedding, const float *values, size_t thread,
                                 size_t threads);

/*
 * Sum over the tokens of the cross-entropy, in nats, of targets [tokens] within their clusters.
 *
 * hidden [tokens x dimension]. Unless d_hidden is NULL, it and d_embedding [vocabulary x dimension] are increased by
 * gradient_scale times the gradient. `workspace` holds vocabulary floats.
 */
double cluster_cross_entropy(float *d_hidden, float *d_embedding, const float *hidden, size_t stride,
                             const int32_t *targets, size_t tokens, const struct clustered_embedding *embedding,
                             float gradient_scale, float *workspace);

/* logits [vocabulary] of one token, given those of the clusters: their softmax is that of both levels. */
void joint_logits(float *logits, const float *cluster_logits, const float *hidden,
                  const struct clustered_embedding *embedding, float *workspace);

#endif
