/*
 * exp(-x): what the sampler weighs its candidates with, and the two-level softmax its tokens.
 */
#ifndef FLASHLM_EXPONENTIAL_H
#define FLASHLM_EXPONENTIAL_H

#include "tables.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * exp(-y / 2^12), 65535 for 1: straight between the steps of the table, 0 beyond it. It never rises with y.
 * docs/arithmetic.md, section 8.
 */
static inline uint32_t flashlm_exponential(uint32_t y) {
    uint32_t step = y >> 8;
    uint32_t at;
    if (step >= FLASHLM_TABLE_STEPS) {
        return 0;
    }
    at = flashlm_exponential_table[step];
    return at - (((at - flashlm_exponential_table[step + 1]) * (y & 255u)) >> 8);
}

#ifdef __cplusplus
}
#endif

#endif
