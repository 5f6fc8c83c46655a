/*
 * Products of rows of 8-bit weights with the activations: nearly all of the work of the output head.
 */
#ifndef FLASHLM_DOT_PRODUCT_H
#define FLASHLM_DOT_PRODUCT_H

#include <stdint.h>

#include "model.h"
#include "pairs.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * sums[r] = sum over i of rows[r * d + i] * activations[i], exactly; d = FLASHLM_DIMENSION.
 *
 * @param rows [count x d], |weight| <= 127
 * @param activations [d], |value| <= 4096, aligned to 4 bytes
 * @param sums [count]
 */
void flashlm_dot_products(const int8_t *rows, uint32_t count, const int16_t *activations, int32_t *sums);

#if FLASHLM_SCREEN_STAGES > 0

#define FLASHLM_GATHERED_ROWS 4u

/** Words of a vector, arranged, that so many columns meet. */
#if FLASHLM_PAIRS
#define FLASHLM_VECTOR_WORDS(columns) ((columns) / 2)
#else
#define FLASHLM_VECTOR_WORDS(columns) (columns)
#endif

/**
 * Arranges numbers, in place, as flashlm_gathered_products takes them: one in a word; where the chip multiplies pairs,
 * of each four numbers the even pair in a word, and the odd one in the next.
 *
 * @param numbers [count], |number| <= 2^14
 */
void flashlm_arrange_vector(int32_t *numbers, uint32_t count);

/**
 * The same for four rows that lie anywhere, and for any number of columns; where the chip multiplies pairs, a multiple
 * of four, and each row begins with a word.
 *
 * @param rows FLASHLM_GATHERED_ROWS of them, each [columns]; the same one may be there more than once
 * @param vector [FLASHLM_VECTOR_WORDS(columns)], arranged
 * @param sums [FLASHLM_GATHERED_ROWS]
 */
void flashlm_gathered_products(const int8_t *const *rows, uint32_t columns, const int32_t *vector, int32_t *sums);

#endif

#ifdef __cplusplus
}
#endif

#endif
