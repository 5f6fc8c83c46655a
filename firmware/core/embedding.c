#include "embedding.h"

#include "arithmetic.h"

static uint32_t row_of(const struct flashlm_state *state, uint32_t token) {
#if FLASHLM_CLUSTERS > 0
    return flashlm_image_unsigned_shorts(state, FLASHLM_OFFSET_ROW_OF_TOKEN)[token];
#else
    (void)state;
    return token;
#endif
}

void flashlm_embed(struct flashlm_state *state, uint32_t token) {
    uint32_t number = row_of(state, token);
    const int8_t *row = (const int8_t *)state->image + FLASHLM_OFFSET_EMBEDDING + number * FLASHLM_DIMENSION;
    int32_t multiplier = flashlm_image_unsigned_shorts(state, FLASHLM_OFFSET_EMBEDDING_MULTIPLIER)[number];
    uint32_t i;
    for (i = 0; i < FLASHLM_DIMENSION; i++) {
        state->residual[i] =
            flashlm_scale_shift(row[i] * multiplier, FLASHLM_EMBEDDING_SHIFT, FLASHLM_RESIDUAL_LIMIT);
    }
    flashlm_probe_show(&state->probe, FLASHLM_PROBE_EMBEDDING, -1, state->residual, FLASHLM_DIMENSION);
}
