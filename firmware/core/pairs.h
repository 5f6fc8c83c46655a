/*
 * Products in pairs, for chips with Arm's DSP extension (Cortex-M4, M7, M33): one instruction spreads two of the four
 * bytes in a word, another adds two products to a sum. GCC finds neither in C, and the headers that name them came with
 * GCC 10, which not every Arduino core has. So each is written down next to the C that it equals.
 *
 * A pair is a word with two signed numbers of 16 bits. Bytes and numbers 0 and 2 make the even pair, 1 and 3 the odd one.
 */
#ifndef FLASHLM_PAIRS_H
#define FLASHLM_PAIRS_H

#include <stdint.h>

#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__ARM_FEATURE_DSP) && defined(__GNUC__)
#define FLASHLM_HAS_DSP 1
#else
#define FLASHLM_HAS_DSP 0
#endif

/* Whether pairs pay; a test may say so where the C beside the instructions runs. */
#ifndef FLASHLM_PAIRS_PAY
#define FLASHLM_PAIRS_PAY FLASHLM_HAS_DSP
#endif

/** Whether rows are multiplied in pairs; a row has to be whole words. */
#define FLASHLM_PAIRS (FLASHLM_PAIRS_PAY && FLASHLM_DIMENSION % 4 == 0)

#if FLASHLM_PAIRS

/** A word of memory that holds smaller numbers. */
#if defined(__GNUC__)
typedef uint32_t __attribute__((__may_alias__)) flashlm_word;
#else
typedef uint32_t flashlm_word;
#endif

/** The even pair of the numbers in two words that follow each other. */
static inline uint32_t flashlm_even_numbers(uint32_t first, uint32_t second) {
#if FLASHLM_HAS_DSP
    uint32_t pair;
    __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(pair) : "r"(first), "r"(second));
    return pair;
#else
    return (first & 0xFFFFu) | (second << 16);
#endif
}

/** The odd pair of the numbers in two words that follow each other. */
static inline uint32_t flashlm_odd_numbers(uint32_t first, uint32_t second) {
#if FLASHLM_HAS_DSP
    uint32_t pair;
    __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(pair) : "r"(second), "r"(first));
    return pair;
#else
    return (first >> 16) | (second & 0xFFFF0000u);
#endif
}

/** The even pair of the four signed bytes in a word. */
static inline uint32_t flashlm_even_bytes(uint32_t bytes) {
#if FLASHLM_HAS_DSP
    uint32_t pair;
    __asm__("sxtb16 %0, %1" : "=r"(pair) : "r"(bytes));
    return pair;
#else
    return ((uint32_t)(int32_t)(int8_t)bytes & 0xFFFFu) | ((uint32_t)(int32_t)(int8_t)(bytes >> 16) << 16);
#endif
}

/** The odd pair of the four signed bytes in a word. */
static inline uint32_t flashlm_odd_bytes(uint32_t bytes) {
#if FLASHLM_HAS_DSP
    uint32_t pair;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(pair) : "r"(bytes));
    return pair;
#else
    return flashlm_even_bytes(bytes >> 8);
#endif
}

/** sum + the product of the lower numbers + that of the upper ones; it has to fit 32 bits. */
static inline int32_t flashlm_add_pair(int32_t sum, uint32_t one, uint32_t other) {
#if FLASHLM_HAS_DSP
    int32_t larger;
    __asm__("smlad %0, %1, %2, %3" : "=r"(larger) : "r"(one), "r"(other), "r"(sum));
    return larger;
#else
    return sum + (int16_t)one * (int16_t)other + (int16_t)(one >> 16) * (int16_t)(other >> 16);
#endif
}

/** sum + the products of the four signed bytes in a word with the numbers of both pairs. */
static inline int32_t flashlm_add_four(int32_t sum, uint32_t bytes, uint32_t even, uint32_t odd) {
    return flashlm_add_pair(flashlm_add_pair(sum, flashlm_even_bytes(bytes), even), flashlm_odd_bytes(bytes), odd);
}

#endif

#ifdef __cplusplus
}
#endif

#endif
