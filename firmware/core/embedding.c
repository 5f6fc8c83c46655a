#include "embedding.h"

#include "arithmetic.h"

static uint32_t row_of(const struct flashlm_state *state, uint32_t token) {
#if FLASHLM_CLUSTERS > 0
    return flashlm_read_short(state->image + FLASHLM_OFFSET_ROW_OF_TOKEN + 2 * token);
#else
    (void)state;
    return token;
#endif
}

void flashlm_embed(struct flashlm_state *state, uint32_t token) {
    uint32_t number = row_of(state, token);
    int32_t multiplier = flashlm_read_short(state->image + FLASHLM_OFFSET_EMBEDDING_MULTIPLIER + 2 * number);
    flashlm_place place = state->image + FLASHLM_OFFSET_EMBEDDING + number * FLASHLM_DIMENSION;
    const int8_t *row = (const int8_t *)flashlm_read(place, FLASHLM_DIMENSION);
    struct flashlm_shift shift = flashlm_shift_by(FLASHLM_EMBEDDING_SHIFT);
    uint32_t i;
    for (i = 0; i < FLASHLM_DIMENSION; i++) {
        state->residual[i] = flashlm_apply_shift(row[i] * multiplier, shift, FLASHLM_RESIDUAL_LIMIT);
    }
    flashlm_probe_show(&state->probe, FLASHLM_PROBE_EMBEDDING, -1, state->residual, FLASHLM_DIMENSION);
}
