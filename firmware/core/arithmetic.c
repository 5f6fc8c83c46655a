#include "arithmetic.h"

uint32_t flashlm_bit_length(uint32_t x) {
    uint32_t bits = 0;
    uint32_t step;
    for (step = 16; step > 0; step >>= 1) {
        if ((x >> step) != 0) {
            x >>= step;
            bits += step;
        }
    }
    return bits + x;
}

/*
 * One bit of the root at a time, from the highest. `root` holds the bits found so far, at the place where the next
 * subtraction needs them; `rest` is what the square of those bits leaves of x.
 */
uint32_t flashlm_integer_sqrt(uint32_t x) {
    uint32_t root = 0;
    uint32_t rest = x;
    uint32_t bit;
    for (bit = (uint32_t)1 << 30; bit != 0; bit >>= 2) {
        if (rest >= root + bit) {
            rest -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return root;
}
