/*
 * Baseline: ternary weights as two masks of 32 bits, for +1 and for -1, as the column of a bit; additions alone.
 */
#include "../core/kernel.h"

void flashlm_ternary_product(const uint8_t *weights, uint32_t rows, uint32_t columns, const int16_t *activations,
                             int32_t *accumulators) {
    const uint32_t *mask = (const uint32_t *)(const void *)weights;
    uint32_t row;
    for (row = 0; row < rows; row++) {
        int32_t sum = 0;
        uint32_t column;
        for (column = 0; column < columns; column += 32) {
            uint32_t plus = *mask++;
            uint32_t minus = *mask++;
            uint32_t bit;
            for (bit = 0; bit < 32; bit++) {
                int32_t x = activations[column + bit];
                sum += x & -(int32_t)(plus & 1u);
                sum -= x & -(int32_t)(minus & 1u);
                plus >>= 1;
                minus >>= 1;
            }
        }
        accumulators[row] = sum;
    }
}
