/*
 * The functions that the arithmetic reads from a table: two in steps of 1/16 from 0 to 16, the logarithm in steps of
 * 1/256 from 1 to 2.
 */
#ifndef FLASHLM_TABLES_H
#define FLASHLM_TABLES_H

#include <stdint.h>

#include "constant.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FLASHLM_TABLE_STEPS 256

/** round(32768 / (1 + exp(-i / 16))): docs/arithmetic.md, section 7. */
extern const FLASHLM_CONSTANT uint16_t flashlm_sigmoid_table[FLASHLM_TABLE_STEPS + 1];

/** round(65535 * exp(-i / 16)): docs/arithmetic.md, section 8. */
extern const FLASHLM_CONSTANT uint16_t flashlm_exponential_table[FLASHLM_TABLE_STEPS + 1];

/** round(65536 * ln(1 + i / 256)): docs/arithmetic.md, section 6. */
extern const FLASHLM_CONSTANT uint16_t flashlm_logarithm_table[FLASHLM_TABLE_STEPS + 1];

#ifdef __cplusplus
}
#endif

#endif
