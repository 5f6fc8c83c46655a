#include "norm.h"

#include "arithmetic.h"
#include "unroll.h"

/* How far every element is shifted right so that it fits 16 bits with its sign. */
static uint32_t narrowing_shift(const int32_t *residual) {
    uint32_t largest = 0;
    uint32_t bits;
    uint32_t i;
    FLASHLM_UNROLL(4)
    for (i = 0; i < FLASHLM_DIMENSION; i++) {
        uint32_t magnitude = flashlm_magnitude(residual[i]);
        if (magnitude > largest) {
            largest = magnitude;
        }
    }
    bits = flashlm_bit_length(largest);
    return bits > 15 ? bits - 15 : 0;
}

/* Sum of the squares, and epsilon on the same scale; FLASHLM_SQUARE_SHIFT keeps it below 2^32. */
static uint32_t sum_of_squares(const int32_t *residual, uint32_t narrowing) {
    uint32_t epsilon_shift = 2 * (narrowing + FLASHLM_SQUARE_SHIFT);
    uint32_t sum = epsilon_shift < 32 ? (uint32_t)FLASHLM_EPSILON >> epsilon_shift : 0;
    uint32_t i;
    FLASHLM_UNROLL(4)
    for (i = 0; i < FLASHLM_DIMENSION; i++) {
        int32_t small = (residual[i] >> narrowing) >> FLASHLM_SQUARE_SHIFT;
        sum += (uint32_t)(small * small);
    }
    return sum;
}

void flashlm_norm(const int32_t *residual, const int16_t *weights, int32_t *normalised) {
    uint32_t narrowing = narrowing_shift(residual);
    uint32_t sum = sum_of_squares(residual, narrowing);
    int32_t doublings = (int32_t)(32 - flashlm_bit_length(sum)) / 2;
    uint32_t root = flashlm_integer_sqrt(sum << (2 * doublings));
    uint32_t quotient = ((uint32_t)1 << 30) / root;
    int32_t reciprocal = quotient > 32767 ? 32767 : (int32_t)quotient;
    int32_t shift = 15 + FLASHLM_SQUARE_SHIFT - doublings;
    uint32_t i;
    FLASHLM_UNROLL(4)
    for (i = 0; i < FLASHLM_DIMENSION; i++) {
        normalised[i] = flashlm_round_shift((residual[i] >> narrowing) * reciprocal, shift) * weights[i];
    }
}
