/*
 * Products of rows of 8-bit weights with the activations: nearly all of the work of the output head.
 */
#ifndef FLASHLM_DOT_PRODUCT_H
#define FLASHLM_DOT_PRODUCT_H

#include <stdint.h>

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

#ifdef __cplusplus
}
#endif

#endif
