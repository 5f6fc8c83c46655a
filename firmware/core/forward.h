/*
 * One step of the model: a token goes in, and the activations that its logits are made of are ready.
 *
 *     flashlm_begin(&state, image);
 *     flashlm_step(&state, FLASHLM_END_OF_STORY);
 *     flashlm_row_logits(&state, 0, FLASHLM_VOCABULARY, logits);     (head.h; or a few at a time)
 */
#ifndef FLASHLM_FORWARD_H
#define FLASHLM_FORWARD_H

#include "state.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Forgets everything: the state before the first token. A probe that was set stays set. */
void flashlm_begin(struct flashlm_state *state, flashlm_place image);

/** Feeds a token; docs/arithmetic.md, section 6, up to the head's activations. */
void flashlm_step(struct flashlm_state *state, uint32_t token);

#ifdef __cplusplus
}
#endif

#endif
