/*
 * The gated convolution, the first half of a block: how a token sees the tokens before it.
 *
 *     residual += down(convolution(value) * sigmoid(gate)),   gate, value = halves of up(norm1(residual))
 *
 * docs/arithmetic.md, section 6, "mixer".
 */
#ifndef FLASHLM_MIXER_H
#define FLASHLM_MIXER_H

#include "state.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Adds the mixer of a block to the residual stream and replaces the oldest row of the block's history. */
void flashlm_mixer(struct flashlm_state *state, uint32_t number);

#ifdef __cplusplus
}
#endif

#endif
