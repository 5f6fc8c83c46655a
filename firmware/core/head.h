/*
 * The output head: how well each token's embedding row agrees with the final activations.
 *
 * Logits are computed in pieces, so that no buffer for the whole vocabulary is needed. In a model with clusters they are
 * not the tokens' logits yet: clusters.h makes those of them.
 */
#ifndef FLASHLM_HEAD_H
#define FLASHLM_HEAD_H

#include "state.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Largest magnitude of what the head computes, which has 16 fraction bits: two levels add up to one logit. */
#if FLASHLM_CLUSTERS > 0
#define FLASHLM_HEAD_LIMIT (FLASHLM_LOGIT_LIMIT / 2)
#else
#define FLASHLM_HEAD_LIMIT FLASHLM_LOGIT_LIMIT
#endif

/**
 * The logits of the embedding's rows first..first + count - 1, with 16 fraction bits: docs/arithmetic.md, section 6,
 * "head".
 *
 * @param state after flashlm_step
 * @param logits [count]
 */
void flashlm_row_logits(const struct flashlm_state *state, uint32_t first, uint32_t count, int32_t *logits);

#if FLASHLM_SCREEN_STAGES > 0

/**
 * The logits of FLASHLM_GATHERED_ROWS tokens, wherever their rows lie.
 *
 * @param activations [d]: the state's
 */
void flashlm_gathered_logits(const struct flashlm_state *state, const int32_t *activations, const uint16_t *tokens,
                             int32_t *logits);

#endif

#if FLASHLM_CLUSTERS > 0

/** The logits of all clusters, [FLASHLM_CLUSTERS], in the same way. */
void flashlm_cluster_logits(const struct flashlm_state *state, int32_t *logits);

#endif

#ifdef __cplusplus
}
#endif

#endif
