/*
 * Baseline: 8-bit weights, four rows and four columns at a time. Each activation is loaded once for four rows, whose
 * weights for it are four bytes in a row, so that one pointer reaches all of them. Bytes are 128 more than their weights:
 * several cores load a byte without a sign in fewer instructions than one with it. Rows and columns are multiples of four.
 */
#include "../core/kernel.h"

#define BIAS 128

/* Keeps the compiler from loading all sixteen weights first, for which an lx106 has too few registers. */
#define FINISH_COLUMN() __asm__ volatile("" ::: "memory")

#define ADD_COLUMN(i) \
    do { \
        int16_t x = activation[i]; \
        sum0 += (int32_t)weights[4 * (i)] * x; \
        sum1 += (int32_t)weights[4 * (i) + 1] * x; \
        sum2 += (int32_t)weights[4 * (i) + 2] * x; \
        sum3 += (int32_t)weights[4 * (i) + 3] * x; \
        FINISH_COLUMN(); \
    } while (0)

void flashlm_ternary_product(const uint8_t *weights, uint32_t rows, uint32_t columns, const int16_t *activations,
                             int32_t *accumulators) {
    const int16_t *end = activations + columns;
    const int16_t *activation;
    int32_t bias = 0;
    uint32_t row;
    for (activation = activations; activation < end; activation++) {
        bias -= (int32_t)BIAS * *activation;
    }
    for (row = 0; row < rows; row += 4) {
        int32_t sum0 = bias;
        int32_t sum1 = bias;
        int32_t sum2 = bias;
        int32_t sum3 = bias;
        for (activation = activations; activation < end; activation += 4) {
            ADD_COLUMN(0);
            ADD_COLUMN(1);
            ADD_COLUMN(2);
            ADD_COLUMN(3);
            weights += 16;
        }
        accumulators[row] = sum0;
        accumulators[row + 1] = sum1;
        accumulators[row + 2] = sum2;
        accumulators[row + 3] = sum3;
    }
}
