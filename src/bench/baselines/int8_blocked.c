/*
 * Baseline: 8-bit weights, four rows and four columns at a time, so that each activation is loaded once for four rows.
 * Rows and columns are multiples of four.
 */
#include "../core/kernel.h"

#define ADD_COLUMN(i) \
    do { \
        int32_t x = activations[column + (i)]; \
        sum0 += row0[column + (i)] * x; \
        sum1 += row1[column + (i)] * x; \
        sum2 += row2[column + (i)] * x; \
        sum3 += row3[column + (i)] * x; \
    } while (0)

void flashlm_ternary_product(const uint8_t *weights, uint32_t rows, uint32_t columns, const int16_t *activations,
                             int32_t *accumulators) {
    const int8_t *row0 = (const int8_t *)weights;
    uint32_t row;
    for (row = 0; row < rows; row += 4) {
        const int8_t *row1 = row0 + columns;
        const int8_t *row2 = row1 + columns;
        const int8_t *row3 = row2 + columns;
        int32_t sum0 = 0;
        int32_t sum1 = 0;
        int32_t sum2 = 0;
        int32_t sum3 = 0;
        uint32_t column;
        for (column = 0; column < columns; column += 4) {
            ADD_COLUMN(0);
            ADD_COLUMN(1);
            ADD_COLUMN(2);
            ADD_COLUMN(3);
        }
        accumulators[row] = sum0;
        accumulators[row + 1] = sum1;
        accumulators[row + 2] = sum2;
        accumulators[row + 3] = sum3;
        row0 = row3 + columns;
    }
}
