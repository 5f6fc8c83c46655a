/*
 * Baseline: 8-bit weights, row by row, one multiplication for each.
 */
#include "../core/kernel.h"

void flashlm_ternary_product(const uint8_t *weights, uint32_t rows, uint32_t columns, const int16_t *activations,
                             int32_t *accumulators) {
    const int8_t *weight = (const int8_t *)weights;
    uint32_t row;
    for (row = 0; row < rows; row++) {
        int32_t sum = 0;
        uint32_t column;
        for (column = 0; column < columns; column++) {
            sum += (int32_t)weight[column] * activations[column];
        }
        weight += columns;
        accumulators[row] = sum;
    }
}
