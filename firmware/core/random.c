#include "random.h"

/* The mixing of murmur3: seeds that are neighbours start far apart. */
uint32_t flashlm_random_start(uint32_t seed) {
    uint32_t x = seed + 0x9E3779B9u;
    x ^= x >> 16;
    x *= 0x85EBCA6Bu;
    x ^= x >> 13;
    x *= 0xC2B2AE35u;
    x ^= x >> 16;
    return x != 0 ? x : 1;
}

uint32_t flashlm_random_next(uint32_t x) {
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return x;
}
