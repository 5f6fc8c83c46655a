/*
 * Two checksums: one that compares computed numbers with another machine's, one that finds damaged flash.
 */
#ifndef FLASHLM_CHECKSUM_H
#define FLASHLM_CHECKSUM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What the hash of words starts from: docs/arithmetic.md, section 8. */
#define FLASHLM_HASH_START ((uint32_t)0x811C9DC5u)

/** The hash after one more 32-bit word. */
static inline uint32_t flashlm_hash_word(uint32_t hash, uint32_t word) {
    return (hash ^ word) * (uint32_t)0x01000193u;
}

/** CRC-32 of zip and PNG. A long sequence can be taken in parts: start with crc 0, hand the result on. */
uint32_t flashlm_crc32(uint32_t crc, const uint8_t *bytes, uint32_t count);

#ifdef __cplusplus
}
#endif

#endif
