/*
 * The logistic function on fixed-point numbers: docs/arithmetic.md, section 7.
 */
#ifndef FLASHLM_SIGMOID_H
#define FLASHLM_SIGMOID_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The logistic function of x / 2^fraction_bits, with 15 fraction bits: 0..32768. 4 <= fraction_bits <= 14. */
uint16_t flashlm_sigmoid(int32_t x, uint32_t fraction_bits);

#ifdef __cplusplus
}
#endif

#endif
