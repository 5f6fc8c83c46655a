#include "feed_forward.h"

#include "arithmetic.h"
#include "norm.h"
#include "quantiser.h"
#include "rescale.h"
#include "sigmoid.h"

void flashlm_feed_forward(struct flashlm_state *state, uint32_t number) {
    const FLASHLM_CONSTANT struct flashlm_block *block = &flashlm_blocks[number];
    int32_t *gates = state->work;
    int32_t *ups = state->work + FLASHLM_HIDDEN;
    uint32_t i;

    flashlm_norm(state->residual, flashlm_weight_shorts(state, block->norm2, FLASHLM_DIMENSION), state->work);
    state->exponent = flashlm_quantise(state->work, FLASHLM_DIMENSION, state->activations);
    flashlm_probe_show_short(&state->probe, FLASHLM_PROBE_NORM2, (int32_t)number, state->activations, FLASHLM_DIMENSION);

    flashlm_ternary_product(flashlm_weights(state, block->ffn_in), 2 * FLASHLM_HIDDEN, FLASHLM_DIMENSION, state->activations,
                            state->work);
    flashlm_probe_show(&state->probe, FLASHLM_PROBE_FFN_IN, (int32_t)number, state->work, 2 * FLASHLM_HIDDEN);

    flashlm_rescale(gates, FLASHLM_HIDDEN, &block->ffn_gate_scale, state->exponent);
    flashlm_rescale(ups, FLASHLM_HIDDEN, &block->ffn_up_scale, state->exponent);
    for (i = 0; i < FLASHLM_HIDDEN; i++) {
        int32_t open = flashlm_sigmoid(gates[i], block->gate_fraction_bits);
        gates[i] = flashlm_round_shift(gates[i] * open, 15) * ups[i];
    }
    state->exponent = flashlm_quantise(gates, FLASHLM_HIDDEN, state->activations);
    flashlm_probe_show_short(&state->probe, FLASHLM_PROBE_FFN_PRODUCT, (int32_t)number, state->activations,
                             FLASHLM_HIDDEN);

    flashlm_ternary_product(flashlm_weights(state, block->ffn_down), FLASHLM_DIMENSION, FLASHLM_HIDDEN, state->activations,
                            state->work);
    flashlm_probe_show(&state->probe, FLASHLM_PROBE_FFN_DOWN, (int32_t)number, state->work, FLASHLM_DIMENSION);

    flashlm_add_rescaled(state->residual, state->work, &block->ffn_down_scale, state->exponent);
    flashlm_probe_show(&state->probe, FLASHLM_PROBE_FFN_RESIDUAL, (int32_t)number, state->residual,
                       FLASHLM_DIMENSION);
}
