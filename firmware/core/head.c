#include "head.h"

#include "arithmetic.h"
#include "dot_product.h"

void flashlm_logits(const struct flashlm_state *state, uint32_t first, uint32_t count, int32_t *logits) {
    const int8_t *rows = (const int8_t *)state->image + FLASHLM_OFFSET_EMBEDDING + first * FLASHLM_DIMENSION;
    const uint16_t *multipliers =
        (const uint16_t *)flashlm_image_shorts(state, FLASHLM_OFFSET_EMBEDDING_MULTIPLIER) + first;
    int32_t shift = FLASHLM_HEAD_RIGHT_SHIFT - state->exponent;
    uint32_t i;
    flashlm_dot_products(rows, count, state->activations, logits);
    for (i = 0; i < count; i++) {
        int32_t wide = logits[i] * ((int32_t)1 << FLASHLM_HEAD_LEFT_SHIFT);
        logits[i] = flashlm_scale_shift(flashlm_fraction_multiply(wide, multipliers[i]), shift, FLASHLM_LOGIT_LIMIT);
    }
}
