#include "rescale.h"

#include "arithmetic.h"

static int32_t rescale(int32_t accumulator, const struct flashlm_scale *scale, int32_t shift, int32_t limit) {
    int32_t wide = accumulator * ((int32_t)1 << scale->left_shift);
    return flashlm_scale_shift(flashlm_fraction_multiply(wide, scale->multiplier), shift, limit);
}

void flashlm_rescale(int32_t *values, uint32_t count, const struct flashlm_scale *scale, int32_t exponent) {
    int32_t shift = scale->right_shift - exponent;
    uint32_t i;
    for (i = 0; i < count; i++) {
        values[i] = rescale(values[i], scale, shift, FLASHLM_VALUE_LIMIT);
    }
}

void flashlm_add_rescaled(int32_t *residual, const int32_t *accumulators, const struct flashlm_scale *scale,
                          int32_t exponent) {
    int32_t shift = scale->right_shift - exponent;
    uint32_t i;
    for (i = 0; i < FLASHLM_DIMENSION; i++) {
        int32_t change = rescale(accumulators[i], scale, shift, FLASHLM_RESIDUAL_LIMIT);
        residual[i] = flashlm_clamp(residual[i] + change, FLASHLM_RESIDUAL_LIMIT);
    }
}
