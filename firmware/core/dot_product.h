/*
 * Products of rows of 8-bit weights with the activations: nearly all of the work of the output head.
 */
#ifndef FLASHLM_DOT_PRODUCT_H
#define FLASHLM_DOT_PRODUCT_H

#include <stdint.h>

#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * sums[r] = sum over i of rows[r * d + i] * activations[i], exactly; d = FLASHLM_DIMENSION.
 *
 * @param rows [count x d], |weight| <= 127
 * @param activations [d], |value| <= 4096
 * @param sums [count]
 */
void flashlm_dot_products(const int8_t *rows, uint32_t count, const int16_t *activations, int32_t *sums);

#if FLASHLM_SCREEN_STAGES > 0

#define FLASHLM_GATHERED_ROWS 4u

/**
 * The same for four rows that lie anywhere, and for any number of columns.
 *
 * @param rows FLASHLM_GATHERED_ROWS of them, each [columns]; the same one may be there more than once
 * @param vector [columns]
 * @param sums [FLASHLM_GATHERED_ROWS]
 */
void flashlm_gathered_products(const int8_t *const *rows, uint32_t columns, const int32_t *vector, int32_t *sums);

#endif

#ifdef __cplusplus
}
#endif

#endif
