/*
 * The two functions that the arithmetic reads from a table, in steps of 1/16 from 0 to 16.
 */
#ifndef FLASHLM_TABLES_H
#define FLASHLM_TABLES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FLASHLM_TABLE_STEPS 256

/** round(32768 / (1 + exp(-i / 16))): docs/arithmetic.md, section 7. */
extern const uint16_t flashlm_sigmoid_table[FLASHLM_TABLE_STEPS + 1];

/** round(65535 * exp(-i / 16)): docs/arithmetic.md, section 8. */
extern const uint16_t flashlm_exponential_table[FLASHLM_TABLE_STEPS + 1];

#ifdef __cplusplus
}
#endif

#endif
