#include "sigmoid.h"

#include "arithmetic.h"
#include "tables.h"

/*
 * The table holds the right half of the curve, 16 entries for each unit of x; between two entries the curve is taken
 * as straight. The left half follows from sigmoid(-x) = 1 - sigmoid(x).
 */
uint16_t flashlm_sigmoid(int32_t x, uint32_t fraction_bits) {
    uint32_t step_bits = fraction_bits - 4;
    uint32_t distance = flashlm_magnitude(x);
    uint32_t step = distance >> step_bits;
    uint32_t magnitude;
    if (step >= FLASHLM_TABLE_STEPS) {
        magnitude = flashlm_sigmoid_table[FLASHLM_TABLE_STEPS];
    } else {
        uint32_t below = flashlm_sigmoid_table[step];
        uint32_t above = flashlm_sigmoid_table[step + 1];
        uint32_t within = distance & (((uint32_t)1 << step_bits) - 1);
        magnitude = below + (((above - below) * within) >> step_bits);
    }
    return (uint16_t)(x >= 0 ? magnitude : 32768u - magnitude);
}
