#include "head.h"

#include "arithmetic.h"
#include "dot_product.h"
#include "two_cores.h"

#if FLASHLM_CORES == 2
#define DOT_PRODUCTS flashlm_split_dot_products
#else
#define DOT_PRODUCTS flashlm_dot_products
#endif

/* From accumulators to logits, in place; each row has a multiplier of its own. */
static inline void scale_logits(const uint16_t *multipliers, int32_t left_shift, int32_t right_shift, uint32_t count,
                                int32_t *logits) {
    struct flashlm_shift shift = flashlm_shift_by(right_shift);
    uint32_t i;
    for (i = 0; i < count; i++) {
        int32_t wide = logits[i] * ((int32_t)1 << left_shift);
        logits[i] = flashlm_apply_shift(flashlm_fraction_multiply(wide, multipliers[i]), shift, FLASHLM_HEAD_LIMIT);
    }
}

/* The products of `count` rows that lie one after another. */
static void read_products(const struct flashlm_state *state, flashlm_place rows, uint32_t count, int32_t *products) {
    while (count > 0) {
        uint32_t turn = flashlm_at_once(count, FLASHLM_DIMENSION);
        DOT_PRODUCTS((const int8_t *)flashlm_read(rows, turn * FLASHLM_DIMENSION), turn, state->activations, products);
        rows += turn * FLASHLM_DIMENSION;
        products += turn;
        count -= turn;
    }
}

/* scale_logits with the multipliers that lie at a place, two bytes each. */
static void read_scales(flashlm_place multipliers, int32_t left_shift, int32_t right_shift, uint32_t count,
                        int32_t *logits) {
    while (count > 0) {
        uint32_t turn = flashlm_at_once(count, 2);
        scale_logits((const uint16_t *)flashlm_read(multipliers, 2 * turn), left_shift, right_shift, turn, logits);
        multipliers += 2 * turn;
        logits += turn;
        count -= turn;
    }
}

void flashlm_row_logits(const struct flashlm_state *state, uint32_t first, uint32_t count, int32_t *logits) {
    read_products(state, state->image + FLASHLM_OFFSET_EMBEDDING + first * FLASHLM_DIMENSION, count, logits);
    read_scales(state->image + FLASHLM_OFFSET_EMBEDDING_MULTIPLIER + 2 * first, FLASHLM_HEAD_LEFT_SHIFT,
                FLASHLM_HEAD_RIGHT_SHIFT - state->exponent, count, logits);
}

#if FLASHLM_SCREEN_STAGES > 0

void flashlm_gathered_logits(const struct flashlm_state *state, const int32_t *activations, const uint16_t *tokens,
                             int32_t *logits) {
    flashlm_place embedding = state->image + FLASHLM_OFFSET_EMBEDDING;
    flashlm_place multipliers = state->image + FLASHLM_OFFSET_EMBEDDING_MULTIPLIER;
    const int8_t *rows[FLASHLM_GATHERED_ROWS];
    uint16_t gathered[FLASHLM_GATHERED_ROWS];
    uint32_t i;
    for (i = 0; i < FLASHLM_GATHERED_ROWS; i++) {
        rows[i] = (const int8_t *)flashlm_read(embedding + (uint32_t)tokens[i] * FLASHLM_DIMENSION, FLASHLM_DIMENSION);
        gathered[i] = flashlm_read_short(multipliers + 2 * (uint32_t)tokens[i]);
    }
    flashlm_gathered_products(rows, FLASHLM_DIMENSION, activations, logits);
    scale_logits(gathered, FLASHLM_HEAD_LEFT_SHIFT, FLASHLM_HEAD_RIGHT_SHIFT - state->exponent, FLASHLM_GATHERED_ROWS,
                 logits);
}

#endif

#if FLASHLM_CLUSTERS > 0

void flashlm_cluster_logits(const struct flashlm_state *state, int32_t *logits) {
    read_products(state, state->image + FLASHLM_OFFSET_CLUSTERS, FLASHLM_CLUSTERS, logits);
    read_scales(state->image + FLASHLM_OFFSET_CLUSTER_MULTIPLIER, FLASHLM_CLUSTER_HEAD_LEFT_SHIFT,
                FLASHLM_CLUSTER_HEAD_RIGHT_SHIFT - state->exponent, FLASHLM_CLUSTERS, logits);
}

#endif
