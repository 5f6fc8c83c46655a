/*
 * The natural logarithm of a sum of weights: the two-level softmax needs it.
 */
#ifndef FLASHLM_LOGARITHM_H
#define FLASHLM_LOGARITHM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** ln(2), with 16 fraction bits. */
#define FLASHLM_LOGARITHM_OF_TWO ((int32_t)45426)

/** ln(x) with 16 fraction bits, x >= 1: docs/arithmetic.md, section 6, "log_of". */
int32_t flashlm_logarithm(uint32_t x);

#ifdef __cplusplus
}
#endif

#endif
