#include "logarithm.h"

#include "arithmetic.h"
#include "tables.h"

/* x = 2^n * (1 + rest / 2^16): n logarithms of two, and the table's for what is left, straight between its steps. */
int32_t flashlm_logarithm(uint32_t x) {
    uint32_t n = flashlm_bit_length(x) - 1;
    uint32_t rest = (n <= 16 ? x << (16 - n) : x >> (n - 16)) - 65536u;
    uint32_t step = rest >> 8;
    uint32_t at = flashlm_logarithm_table[step];
    uint32_t beyond = ((flashlm_logarithm_table[step + 1] - at) * (rest & 255u)) >> 8;
    return (int32_t)n * FLASHLM_LOGARITHM_OF_TWO + (int32_t)(at + beyond);
}
