/*
 * The output head: how well each token's embedding row agrees with the final activations.
 *
 * Logits are computed in pieces, so that no buffer for the whole vocabulary is needed.
 */
#ifndef FLASHLM_HEAD_H
#define FLASHLM_HEAD_H

#include "state.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The logits of the tokens first..first + count - 1, with 16 fraction bits: docs/arithmetic.md, section 6, "head".
 *
 * @param state after flashlm_step
 * @param logits [count]
 */
void flashlm_logits(const struct flashlm_state *state, uint32_t first, uint32_t count, int32_t *logits);

#ifdef __cplusplus
}
#endif

#endif
