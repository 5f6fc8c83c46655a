/*
 * Products that two cores share; docs/arithmetic.md, section 5, says why the results are those of a single core.
 */
#ifndef FLASHLM_TWO_CORES_H
#define FLASHLM_TWO_CORES_H

#include <stdint.h>

#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

#if FLASHLM_CORES == 2

/**
 * flashlm_dot_products of dot_product.h, the rows split between the cores.
 *
 * @param rows [count][FLASHLM_DIMENSION]
 * @param activations [FLASHLM_DIMENSION]
 * @param sums [count]
 */
void flashlm_split_dot_products(const int8_t *rows, uint32_t count, const int16_t *activations, int32_t *sums);

#endif

#ifdef __cplusplus
}
#endif

#endif
