/*
 * Milliseconds from a 64-bit counter of ticks, without a division of 64 bits.
 */
#ifndef FLASHLM_TICKS_H
#define FLASHLM_TICKS_H

#include <stdint.h>

/**
 * (high * 2^32 + low) / ticks_per_millisecond, modulo 2^32.
 *
 * @param ticks_per_millisecond no power of two, at most 2^16; then high may count for years
 */
static inline uint32_t flashlm_milliseconds_of(uint32_t high, uint32_t low, uint32_t ticks_per_millisecond) {
    /* 2^32 ticks are this many milliseconds, and this many ticks more. */
    uint32_t whole = 0xFFFFFFFFu / ticks_per_millisecond;
    uint32_t rest = 0xFFFFFFFFu % ticks_per_millisecond + 1u;
    return high * whole + low / ticks_per_millisecond +
           (high * rest + low % ticks_per_millisecond) / ticks_per_millisecond;
}

#endif
