#include "forward.h"

#include "embedding.h"
#include "feed_forward.h"
#include "memory.h"
#include "mixer.h"
#include "norm.h"
#include "quantiser.h"

static void clear(int16_t *values, uint32_t count) {
    uint32_t i;
    for (i = 0; i < count; i++) {
        values[i] = 0;
    }
}

void flashlm_begin(struct flashlm_state *state, flashlm_place image) {
    uint32_t block;
    uint32_t row;
    state->image = image;
#if FLASHLM_STAGED_BYTES > 0
    flashlm_stage(image);
#endif
    state->oldest = 0;
#if FLASHLM_SCREEN_STAGES > 0
    state->screen_kilobytes = 0;
#endif
    clear(state->activations, FLASHLM_ACTIVATION_COUNT);
    for (block = 0; block < FLASHLM_BLOCKS; block++) {
        for (row = 0; row < FLASHLM_HISTORY_ROWS; row++) {
            clear(state->history[block][row], FLASHLM_DIMENSION);
        }
    }
    flashlm_forget(state);
}

void flashlm_step(struct flashlm_state *state, uint32_t token) {
    uint32_t block;
    flashlm_embed(state, token);
    for (block = 0; block < FLASHLM_BLOCKS; block++) {
        flashlm_mixer(state, block);
        flashlm_feed_forward(state, block);
    }
    state->oldest = state->oldest + 1 == FLASHLM_HISTORY_ROWS ? 0 : state->oldest + 1;

    flashlm_norm(state->residual, flashlm_weight_shorts(state, FLASHLM_OFFSET_FINAL_NORM, FLASHLM_DIMENSION), state->work);
    state->exponent = flashlm_quantise(state->work, FLASHLM_DIMENSION, state->activations);
    flashlm_probe_show_short(&state->probe, FLASHLM_PROBE_FINAL_NORM, -1, state->activations, FLASHLM_DIMENSION);
}
