/*
 * Baseline: 4-bit weights, two in a byte (the first in the low half, 8 more than it is), one multiplication for each.
 */
#include "../core/kernel.h"

void flashlm_ternary_product(const uint8_t *weights, uint32_t rows, uint32_t columns, const int16_t *activations,
                             int32_t *accumulators) {
    int32_t all = 0;
    uint32_t column;
    uint32_t row;
    for (column = 0; column < columns; column++) {
        all += activations[column];
    }
    for (row = 0; row < rows; row++) {
        int32_t sum = -8 * all;
        for (column = 0; column < columns; column += 2) {
            uint8_t pair = *weights++;
            sum += (int32_t)(pair & 15) * activations[column] + (int32_t)(pair >> 4) * activations[column + 1];
        }
        accumulators[row] = sum;
    }
}
