/*
 * The gated convolution, the first half of a block: how a token sees the tokens before it.
 *
 *     residual += down(convolution(value) * sigmoid(gate)),   gate, value = parts of up(norm1(residual))
 *
 * In a model with a memory (memory.h), it lies between convolution and gate. docs/arithmetic.md, section 6, "mixer".
 */
#ifndef FLASHLM_MIXER_H
#define FLASHLM_MIXER_H

#include "state.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Adds the mixer of a block to the residual stream; the block's history and its memory take in the token. */
void flashlm_mixer(struct flashlm_state *state, uint32_t number);

#ifdef __cplusplus
}
#endif

#endif
