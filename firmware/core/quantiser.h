/*
 * Activations become 13-bit integers before they enter a matrix: docs/arithmetic.md, section 3.
 */
#ifndef FLASHLM_QUANTISER_H
#define FLASHLM_QUANTISER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * activations[i] = values[i] / 2^e, rounded, with the smallest e that keeps every magnitude within 4096.
 *
 * @param values [count], |value| <= 2^30
 * @return e, which the vector shares
 */
int32_t flashlm_quantise(const int32_t *values, uint32_t count, int16_t *activations);

#ifdef __cplusplus
}
#endif

#endif
