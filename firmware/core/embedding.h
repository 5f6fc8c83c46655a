/*
 * The embedding: a row of 8-bit numbers and one multiplier for each token.
 *
 * It is used twice. On the way in, a token's row starts the residual stream; on the way out, the same rows are
 * compared with the final activations, which gives the logits (head.h).
 *
 * In a model with clusters the rows are in order of cluster, and within one in order of token; otherwise row and token
 * are the same.
 */
#ifndef FLASHLM_EMBEDDING_H
#define FLASHLM_EMBEDDING_H

#include "state.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Fills state->residual from the token's row. */
void flashlm_embed(struct flashlm_state *state, uint32_t token);

#ifdef __cplusplus
}
#endif

#endif
