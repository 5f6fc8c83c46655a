/*
 * The generator that stories are drawn with: docs/arithmetic.md, section 8. The same seed gives the same story on
 * every chip.
 */
#ifndef FLASHLM_RANDOM_H
#define FLASHLM_RANDOM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The generator's state for a seed; never 0, from which xorshift could not leave. */
uint32_t flashlm_random_start(uint32_t seed);

/** The next number, which is also the next state. */
uint32_t flashlm_random_next(uint32_t state);

#ifdef __cplusplus
}
#endif

#endif
