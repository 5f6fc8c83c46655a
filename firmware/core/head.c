#include "head.h"

#include "arithmetic.h"
#include "dot_product.h"

/* From accumulators to logits, in place; each row has a multiplier of its own. */
static inline void scale_logits(const uint16_t *multipliers, int32_t left_shift, int32_t right_shift, uint32_t count,
                                int32_t *logits) {
    uint32_t i;
    for (i = 0; i < count; i++) {
        int32_t wide = logits[i] * ((int32_t)1 << left_shift);
        logits[i] = flashlm_scale_shift(flashlm_fraction_multiply(wide, multipliers[i]), right_shift, FLASHLM_HEAD_LIMIT);
    }
}

void flashlm_row_logits(const struct flashlm_state *state, uint32_t first, uint32_t count, int32_t *logits) {
    const int8_t *rows = (const int8_t *)state->image + FLASHLM_OFFSET_EMBEDDING + first * FLASHLM_DIMENSION;
    const uint16_t *multipliers = flashlm_image_unsigned_shorts(state, FLASHLM_OFFSET_EMBEDDING_MULTIPLIER) + first;
    flashlm_dot_products(rows, count, state->activations, logits);
    scale_logits(multipliers, FLASHLM_HEAD_LEFT_SHIFT, FLASHLM_HEAD_RIGHT_SHIFT - state->exponent, count, logits);
}

#if FLASHLM_CLUSTERS > 0

void flashlm_cluster_logits(const struct flashlm_state *state, int32_t *logits) {
    const int8_t *rows = (const int8_t *)state->image + FLASHLM_OFFSET_CLUSTERS;
    const uint16_t *multipliers = flashlm_image_unsigned_shorts(state, FLASHLM_OFFSET_CLUSTER_MULTIPLIER);
    flashlm_dot_products(rows, FLASHLM_CLUSTERS, state->activations, logits);
    scale_logits(multipliers, FLASHLM_CLUSTER_HEAD_LEFT_SHIFT, FLASHLM_CLUSTER_HEAD_RIGHT_SHIFT - state->exponent,
                 FLASHLM_CLUSTERS, logits);
}

#endif
