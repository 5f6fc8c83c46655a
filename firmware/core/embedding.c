#include "embedding.h"

#include "arithmetic.h"

void flashlm_embed(struct flashlm_state *state, uint32_t token) {
    const int8_t *row = (const int8_t *)state->image + FLASHLM_OFFSET_EMBEDDING + token * FLASHLM_DIMENSION;
    const uint16_t *multipliers = (const uint16_t *)flashlm_image_shorts(state, FLASHLM_OFFSET_EMBEDDING_MULTIPLIER);
    int32_t multiplier = multipliers[token];
    uint32_t i;
    for (i = 0; i < FLASHLM_DIMENSION; i++) {
        state->residual[i] =
            flashlm_scale_shift(row[i] * multiplier, FLASHLM_EMBEDDING_SHIFT, FLASHLM_RESIDUAL_LIMIT);
    }
    flashlm_probe_show(&state->probe, FLASHLM_PROBE_EMBEDDING, -1, state->residual, FLASHLM_DIMENSION);
}
