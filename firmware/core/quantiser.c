#include "quantiser.h"

#include "arithmetic.h"
#include "unroll.h"

/* 2^12 - 1 takes 12 bits; rounding can carry it to 4096, a thirteenth. */
#define ACTIVATION_BITS 12

int32_t flashlm_quantise(const int32_t *values, uint32_t count, int16_t *activations) {
    uint32_t largest = 0;
    int32_t exponent;
    uint32_t i;
    FLASHLM_UNROLL(4)
    for (i = 0; i < count; i++) {
        uint32_t magnitude = flashlm_magnitude(values[i]);
        if (magnitude > largest) {
            largest = magnitude;
        }
    }
    exponent = (int32_t)flashlm_bit_length(largest) - ACTIVATION_BITS;
    if (exponent < 0) {
        exponent = 0;
    }
    FLASHLM_UNROLL(4)
    for (i = 0; i < count; i++) {
        activations[i] = (int16_t)flashlm_round_shift(values[i], exponent);
    }
    return exponent;
}
