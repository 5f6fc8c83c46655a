#include "rescale.h"

#include "arithmetic.h"
#include "unroll.h"

/* What all accumulators of a product share: the scale, and the exponent of the activations. */
struct rescaling {
    int32_t left_factor;
    uint16_t multiplier;
    struct flashlm_shift shift;
};

static struct rescaling prepare(const FLASHLM_CONSTANT struct flashlm_scale *scale, int32_t exponent) {
    struct rescaling rescaling;
    rescaling.left_factor = (int32_t)1 << scale->left_shift;
    rescaling.multiplier = scale->multiplier;
    rescaling.shift = flashlm_shift_by(scale->right_shift - exponent);
    return rescaling;
}

static inline int32_t rescale(int32_t accumulator, struct rescaling by, int32_t limit) {
    return flashlm_apply_shift(flashlm_fraction_multiply(accumulator * by.left_factor, by.multiplier), by.shift, limit);
}

void flashlm_rescale(int32_t *values, uint32_t count, const FLASHLM_CONSTANT struct flashlm_scale *scale, int32_t exponent) {
    struct rescaling rescaling = prepare(scale, exponent);
    uint32_t i;
    FLASHLM_UNROLL(4)
    for (i = 0; i < count; i++) {
        values[i] = rescale(values[i], rescaling, FLASHLM_VALUE_LIMIT);
    }
}

void flashlm_add_rescaled(int32_t *residual, const int32_t *accumulators, const FLASHLM_CONSTANT struct flashlm_scale *scale,
                          int32_t exponent) {
    struct rescaling rescaling = prepare(scale, exponent);
    uint32_t i;
    FLASHLM_UNROLL(4)
    for (i = 0; i < FLASHLM_DIMENSION; i++) {
        int32_t change = rescale(accumulators[i], rescaling, FLASHLM_RESIDUAL_LIMIT);
        residual[i] = flashlm_clamp(residual[i] + change, FLASHLM_RESIDUAL_LIMIT);
    }
}
