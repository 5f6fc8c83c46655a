/*
 * The screen of the output head: which rows of the embedding need not be read, docs/arithmetic.md, section 10.
 *
 * A logit is the inner product of a row and the activations. In the coordinates of the screen most of it lies in the
 * first few, and what the others can add is at most the product of two lengths. So a few codes of a row and the length
 * of the rest bound its logit from above. Stage by stage more codes are read of fewer rows; only those whose bound
 * reaches what the sampler still wants are computed as they always are. The choice is the same, bit for bit.
 */
#ifndef FLASHLM_SCREEN_H
#define FLASHLM_SCREEN_H

#include "sampler.h"
#include "state.h"

#ifdef __cplusplus
extern "C" {
#endif

#if FLASHLM_SCREEN_STAGES > 0

/**
 * Offers the sampler the logits of all tokens that it could choose.
 *
 * @param state after flashlm_step; its work buffer is overwritten
 * @param sampler cleared
 * @return how many rows of the embedding were read
 */
uint32_t flashlm_screened_offer(struct flashlm_state *state, struct flashlm_sampler *sampler);

#endif

#ifdef __cplusplus
}
#endif

#endif
