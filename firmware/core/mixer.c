#include "mixer.h"

#include "arithmetic.h"
#include "memory.h"
#include "norm.h"
#include "quantiser.h"
#include "rescale.h"
#include "sigmoid.h"

#if FLASHLM_TAPS > 1

/* values[i] += tap[i] * row[i] for the rows of the ring after the oldest, whose part is already in. */
static void add_later_rows(const struct flashlm_state *state, uint32_t number, const int16_t *taps, int32_t *values) {
    uint32_t tap;
    uint32_t row = state->oldest;
    for (tap = 1; tap < FLASHLM_TAPS - 1; tap++) {
        const int16_t *weights = taps + tap * FLASHLM_DIMENSION;
        const int16_t *past;
        uint32_t i;
        row = row + 1 == FLASHLM_HISTORY_ROWS ? 0 : row + 1;
        past = state->history[number][row];
        for (i = 0; i < FLASHLM_DIMENSION; i++) {
            values[i] += (int32_t)weights[i] * past[i];
        }
    }
}

/*
 * Each channel is convolved with its own taps, in place. The oldest row is read for the last time here, so the newest
 * values take its place in the same pass.
 */
static void convolve(struct flashlm_state *state, uint32_t number, const int16_t *taps, int32_t *values) {
    const int16_t *newest_taps = taps + (FLASHLM_TAPS - 1) * FLASHLM_DIMENSION;
    int16_t *oldest = state->history[number][state->oldest];
    uint32_t i;
    for (i = 0; i < FLASHLM_DIMENSION; i++) {
        int32_t newest = values[i];
        values[i] = newest * newest_taps[i] + (int32_t)oldest[i] * taps[i];
        oldest[i] = (int16_t)newest;
    }
    add_later_rows(state, number, taps, values);
}

#else

/* With a single tap there is no past. */
static void convolve(struct flashlm_state *state, uint32_t number, const int16_t *taps, int32_t *values) {
    uint32_t i;
    (void)state;
    (void)number;
    for (i = 0; i < FLASHLM_DIMENSION; i++) {
        values[i] *= taps[i];
    }
}

#endif

/* What follows the convolution in a model with a memory. */
static void remember(struct flashlm_state *state, uint32_t number, int32_t *values) {
#if FLASHLM_MEMORY_HEADS > 0
    struct flashlm_memory_gates gates;
    gates.reads = values + FLASHLM_DIMENSION;
    gates.writes = gates.reads + FLASHLM_MEMORY_COUNT;
    flashlm_remember(state, number, &gates, values);
    flashlm_probe_show(&state->probe, FLASHLM_PROBE_MEMORY, (int32_t)number, values, FLASHLM_DIMENSION);
#else
    (void)state;
    (void)number;
    (void)values;
#endif
}

void flashlm_mixer(struct flashlm_state *state, uint32_t number) {
    const struct flashlm_block *block = &flashlm_blocks[number];
    int32_t *gates = state->work;
    int32_t *values = state->work + FLASHLM_DIMENSION;
    uint32_t i;

    flashlm_norm(state->residual, flashlm_image_shorts(state, block->norm1), state->work);
    state->exponent = flashlm_quantise(state->work, FLASHLM_DIMENSION, state->activations);
    flashlm_probe_show_short(&state->probe, FLASHLM_PROBE_NORM1, (int32_t)number, state->activations, FLASHLM_DIMENSION);

    flashlm_ternary_product(state->image + block->mixer_up, FLASHLM_MIXER_ROWS, FLASHLM_DIMENSION, state->activations,
                            state->work);
    flashlm_probe_show(&state->probe, FLASHLM_PROBE_MIXER_UP, (int32_t)number, state->work, FLASHLM_MIXER_ROWS);

    flashlm_rescale(state->work, FLASHLM_MIXER_ROWS, &block->mixer_up_scale, state->exponent);
    flashlm_probe_show(&state->probe, FLASHLM_PROBE_MIXER_GATES, (int32_t)number, state->work, FLASHLM_MIXER_ROWS);

    convolve(state, number, flashlm_image_shorts(state, block->convolution), values);
    flashlm_probe_show(&state->probe, FLASHLM_PROBE_CONVOLUTION, (int32_t)number, values, FLASHLM_DIMENSION);
    remember(state, number, values);

    for (i = 0; i < FLASHLM_DIMENSION; i++) {
        gates[i] = flashlm_fraction_multiply(values[i], flashlm_sigmoid(gates[i], block->mixer_fraction_bits));
    }
    state->exponent = flashlm_quantise(gates, FLASHLM_DIMENSION, state->activations);
    flashlm_probe_show_short(&state->probe, FLASHLM_PROBE_MIXER_PRODUCT, (int32_t)number, state->activations,
                             FLASHLM_DIMENSION);

    flashlm_ternary_product(state->image + block->mixer_down, FLASHLM_DIMENSION, FLASHLM_DIMENSION,
                            state->activations, state->work);
    flashlm_probe_show(&state->probe, FLASHLM_PROBE_MIXER_DOWN, (int32_t)number, state->work, FLASHLM_DIMENSION);

    flashlm_add_rescaled(state->residual, state->work, &block->mixer_down_scale, state->exponent);
    flashlm_probe_show(&state->probe, FLASHLM_PROBE_MIXER_RESIDUAL, (int32_t)number, state->residual,
                       FLASHLM_DIMENSION);
}
