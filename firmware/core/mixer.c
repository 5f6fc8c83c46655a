#include "mixer.h"

#include "arithmetic.h"
#include "memory.h"
#include "norm.h"
#include "quantiser.h"
#include "rescale.h"
#include "sigmoid.h"
#include "unroll.h"

/* The weights of one tap, for all channels: numbers of 16 bits. */
static const int16_t *read_tap(const struct flashlm_state *state, uint32_t taps, uint32_t tap) {
    return flashlm_weight_shorts(state, taps + tap * 2 * FLASHLM_DIMENSION, FLASHLM_DIMENSION);
}

#if FLASHLM_TAPS > 1

/* The oldest row is read for the last time here, so the newest values take its place in the ring. */
static void replace_oldest(int16_t *oldest, const int16_t *weights, int32_t *values) {
    uint32_t i;
    FLASHLM_UNROLL(4)
    for (i = 0; i < FLASHLM_DIMENSION; i++) {
        int32_t newest = values[i];
        values[i] = (int32_t)weights[i] * oldest[i];
        oldest[i] = (int16_t)newest;
    }
}

static void add_row(const int16_t *row, const int16_t *weights, int32_t *values) {
    uint32_t i;
    FLASHLM_UNROLL(4)
    for (i = 0; i < FLASHLM_DIMENSION; i++) {
        values[i] += (int32_t)weights[i] * row[i];
    }
}

/* Each channel is convolved with its own taps, in place; they begin at the offset `taps`. */
static void convolve(struct flashlm_state *state, uint32_t number, uint32_t taps, int32_t *values) {
    uint32_t row = state->oldest;
    uint32_t tap;
    replace_oldest(state->history[number][row], read_tap(state, taps, 0), values);
    for (tap = 1; tap < FLASHLM_TAPS; tap++) {
        row = row + 1 == FLASHLM_HISTORY_ROWS ? 0 : row + 1;
        add_row(state->history[number][row], read_tap(state, taps, tap), values);
    }
}

#else

/* With a single tap there is no past. */
static void convolve(struct flashlm_state *state, uint32_t number, uint32_t taps, int32_t *values) {
    const int16_t *weights = read_tap(state, taps, 0);
    uint32_t i;
    (void)number;
    for (i = 0; i < FLASHLM_DIMENSION; i++) {
        values[i] *= weights[i];
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
    const FLASHLM_CONSTANT struct flashlm_block *block = &flashlm_blocks[number];
    int32_t *gates = state->work;
    int32_t *values = state->work + FLASHLM_DIMENSION;
    uint32_t i;

    flashlm_norm(state->residual, flashlm_weight_shorts(state, block->norm1, FLASHLM_DIMENSION), state->work);
    state->exponent = flashlm_quantise(state->work, FLASHLM_DIMENSION, state->activations);
    flashlm_probe_show_short(&state->probe, FLASHLM_PROBE_NORM1, (int32_t)number, state->activations, FLASHLM_DIMENSION);

    flashlm_ternary_product(flashlm_weights(state, block->mixer_up), FLASHLM_MIXER_ROWS, FLASHLM_DIMENSION, state->activations,
                            state->work);
    flashlm_probe_show(&state->probe, FLASHLM_PROBE_MIXER_UP, (int32_t)number, state->work, FLASHLM_MIXER_ROWS);

    flashlm_rescale(state->work, FLASHLM_MIXER_ROWS, &block->mixer_up_scale, state->exponent);
    flashlm_probe_show(&state->probe, FLASHLM_PROBE_MIXER_GATES, (int32_t)number, state->work, FLASHLM_MIXER_ROWS);

    convolve(state, number, block->convolution, values);
    flashlm_probe_show(&state->probe, FLASHLM_PROBE_CONVOLUTION, (int32_t)number, values, FLASHLM_DIMENSION);
    remember(state, number, values);

    for (i = 0; i < FLASHLM_DIMENSION; i++) {
        gates[i] = flashlm_fraction_multiply(values[i], flashlm_sigmoid(gates[i], block->mixer_fraction_bits));
    }
    state->exponent = flashlm_quantise(gates, FLASHLM_DIMENSION, state->activations);
    flashlm_probe_show_short(&state->probe, FLASHLM_PROBE_MIXER_PRODUCT, (int32_t)number, state->activations,
                             FLASHLM_DIMENSION);

    flashlm_ternary_product(flashlm_weights(state, block->mixer_down), FLASHLM_DIMENSION, FLASHLM_DIMENSION,
                            state->activations, state->work);
    flashlm_probe_show(&state->probe, FLASHLM_PROBE_MIXER_DOWN, (int32_t)number, state->work, FLASHLM_DIMENSION);

    flashlm_add_rescaled(state->residual, state->work, &block->mixer_down_scale, state->exponent);
    flashlm_probe_show(&state->probe, FLASHLM_PROBE_MIXER_RESIDUAL, (int32_t)number, state->residual,
                       FLASHLM_DIMENSION);
}
