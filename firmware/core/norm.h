/*
 * Root-mean-square norm of the residual stream: docs/arithmetic.md, section 4.
 */
#ifndef FLASHLM_NORM_H
#define FLASHLM_NORM_H

#include <stdint.h>

#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * normalised[i] = residual[i] / rms(residual) * weights[i], in the fixed point that the quantiser takes.
 *
 * @param residual [d], |value| <= FLASHLM_RESIDUAL_LIMIT
 * @param weights [d], |weight| <= 32000
 * @param normalised [d], |value| < 2^30
 */
void flashlm_norm(const int32_t *residual, const int16_t *weights, int32_t *normalised);

#ifdef __cplusplus
}
#endif

#endif
