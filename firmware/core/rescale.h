/*
 * Takes the accumulators of a matrix product to their target format: `rescale` of docs/arithmetic.md, section 1.
 */
#ifndef FLASHLM_RESCALE_H
#define FLASHLM_RESCALE_H

#include <stdint.h>

#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** values[i] = rescale(values[i], scale, exponent, FLASHLM_VALUE_LIMIT), in place. */
void flashlm_rescale(int32_t *values, uint32_t count, const FLASHLM_CONSTANT struct flashlm_scale *scale, int32_t exponent);

/** residual[i] += rescale(accumulators[i], scale, exponent, FLASHLM_RESIDUAL_LIMIT), held within the same limit; i < d. */
void flashlm_add_rescaled(int32_t *residual, const int32_t *accumulators, const FLASHLM_CONSTANT struct flashlm_scale *scale,
                          int32_t exponent);

#ifdef __cplusplus
}
#endif

#endif
