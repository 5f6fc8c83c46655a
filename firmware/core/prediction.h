/*
 * What follows a step: the logits of the next token, shown to whoever needs them.
 */
#ifndef FLASHLM_PREDICTION_H
#define FLASHLM_PREDICTION_H

#include "sampler.h"
#include "state.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Offers the sampler the logits of the next token.
 *
 * @param state after flashlm_step; its work buffer may be overwritten
 * @param sampler cleared
 * @param checksum receives the checksum of all logits (docs/arithmetic.md, section 8). With NULL, logits that could not
 *                 change the sampler's choice may be left out.
 * @return how many rows of the embedding were read
 */
uint32_t flashlm_predict(struct flashlm_state *state, struct flashlm_sampler *sampler, uint32_t *checksum);

#ifdef __cplusplus
}
#endif

#endif
