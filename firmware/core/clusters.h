/*
 * The two-level softmax: docs/arithmetic.md, section 6, "with clusters".
 *
 * Each token belongs to a cluster. Its probability is that of the cluster among the clusters, times its own among the
 * cluster's tokens. So a cluster's logit bounds those of its tokens from above, and clusters that are unlikely enough
 * need not be read.
 */
#ifndef FLASHLM_CLUSTERS_H
#define FLASHLM_CLUSTERS_H

#include "state.h"

#ifdef __cplusplus
extern "C" {
#endif

#if FLASHLM_CLUSTERS > 0

/** Rows of the embedding that a cluster owns. */
struct flashlm_cluster {
    uint32_t first_row;
    uint32_t count;         /* of rows: 1..FLASHLM_LARGEST_CLUSTER */
    flashlm_place tokens;   /* [count] of 16 bits: whose rows they are, in rising order */
};

struct flashlm_cluster flashlm_find_cluster(const struct flashlm_state *state, uint32_t number);

/**
 * The logits of a cluster's tokens.
 *
 * @param state after flashlm_step
 * @param cluster_logit the cluster's own: flashlm_cluster_logits
 * @param logits [cluster->count]; none is above cluster_logit
 */
void flashlm_token_logits(const struct flashlm_state *state, const struct flashlm_cluster *cluster,
                          int32_t cluster_logit, int32_t *logits);

#endif

#ifdef __cplusplus
}
#endif

#endif
