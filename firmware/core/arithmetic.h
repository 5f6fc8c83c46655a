/*
 * The integer primitives of docs/arithmetic.md, section 1.
 *
 * Everything here is exact and the same on every chip: the only operations are additions, shifts and products of at
 * most 32 bits. The hot ones are inline, because a call would cost more than the work.
 */
#ifndef FLASHLM_ARITHMETIC_H
#define FLASHLM_ARITHMETIC_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* C leaves the right shift of a negative number to the compiler; this arithmetic needs the one that rounds down. */
typedef char flashlm_right_shift_must_round_down[(((int32_t)-3) >> 1) == -2 ? 1 : -1];

/** The magnitude of x, also of the most negative number. */
static inline uint32_t flashlm_magnitude(int32_t x) {
    return x < 0 ? (uint32_t)0 - (uint32_t)x : (uint32_t)x;
}

/** x, held within -limit..limit. */
static inline int32_t flashlm_clamp(int32_t x, int32_t limit) {
    if (x > limit) {
        return limit;
    }
    return x < -limit ? -limit : x;
}

/** x / 2^shift to the nearest integer, a tie towards plus infinity; |x| <= 2^30, shift >= 0. */
static inline int32_t flashlm_round_shift(int32_t x, int32_t shift) {
    if (shift == 0) {
        return x;
    }
    if (shift > 30) {
        return 0;
    }
    return (x + ((int32_t)1 << (shift - 1))) >> shift;
}

/** x / 2^shift, rounded and held within the limit; a negative shift multiplies. |x| <= 2^30, 0 < limit <= 2^30. */
static inline int32_t flashlm_scale_shift(int32_t x, int32_t shift, int32_t limit) {
    int32_t left;
    if (shift >= 0) {
        return flashlm_clamp(flashlm_round_shift(x, shift), limit);
    }
    left = -shift > 30 ? 30 : -shift;
    if (x > (limit >> left)) {
        return limit;
    }
    if (x < -(limit >> left)) {
        return -limit;
    }
    return x * ((int32_t)1 << left);
}

/** A shift of many numbers by the same distance: what does not depend on the number is worked out once. */
struct flashlm_shift {
    int32_t distance; /* negative: to the left */
    int32_t half;     /* what rounds to nearest: 2^(distance - 1); 0 where the distance is not 1..30 */
};

static inline struct flashlm_shift flashlm_shift_by(int32_t distance) {
    struct flashlm_shift shift;
    shift.distance = distance;
    shift.half = distance >= 1 && distance <= 30 ? (int32_t)1 << (distance - 1) : 0;
    return shift;
}

/** flashlm_scale_shift(x, shift.distance, limit) */
static inline int32_t flashlm_apply_shift(int32_t x, struct flashlm_shift shift, int32_t limit) {
    if (shift.half != 0) {
        return flashlm_clamp((x + shift.half) >> shift.distance, limit);
    }
    return flashlm_scale_shift(x, shift.distance, limit);
}

/*
 * Whether the chip has the upper half of a 64-bit product in one instruction. Then a fraction of 16 bits is multiplied
 * with as the upper half of a word. Arm has all 64 bits in one, from Armv7-M on, and takes the middle out of them. Else
 * the halves of x are multiplied, one after the other.
 */
#ifndef FLASHLM_HIGH_PRODUCT
#if defined(__riscv_mul) || defined(__x86_64__) || defined(__aarch64__)
#define FLASHLM_HIGH_PRODUCT 1
#else
#define FLASHLM_HIGH_PRODUCT 0
#endif
#endif

#if FLASHLM_HIGH_PRODUCT

/** floor(x * fraction / 2^16) */
static inline int32_t flashlm_fraction_multiply(int32_t x, uint16_t fraction) {
    return (int32_t)(((int64_t)x * (int64_t)((uint32_t)fraction << 16)) >> 32);
}

/** The same for a fraction of either sign, |fraction| <= 32767. */
static inline int32_t flashlm_signed_multiply(int32_t x, int16_t fraction) {
    return (int32_t)(((int64_t)x * ((int32_t)fraction * 65536)) >> 32);
}

/** floor(x * fraction / 2^16) for an unsigned x. */
static inline uint32_t flashlm_fraction_multiply_unsigned(uint32_t x, uint16_t fraction) {
    return (uint32_t)(((uint64_t)x * ((uint32_t)fraction << 16)) >> 32);
}

#elif defined(__thumb2__)

static inline int32_t flashlm_fraction_multiply(int32_t x, uint16_t fraction) {
    return (int32_t)(((int64_t)x * (int32_t)fraction) >> 16);
}

static inline int32_t flashlm_signed_multiply(int32_t x, int16_t fraction) {
#if defined(__ARM_FEATURE_DSP) && defined(__GNUC__)
    int32_t product; /* one instruction instead of three, which GCC does not find */
    __asm__("smulwb %0, %1, %2" : "=r"(product) : "r"(x), "r"(fraction));
    return product;
#else
    return (int32_t)(((int64_t)x * fraction) >> 16);
#endif
}

static inline uint32_t flashlm_fraction_multiply_unsigned(uint32_t x, uint16_t fraction) {
    return (uint32_t)(((uint64_t)x * fraction) >> 16);
}

#else

static inline int32_t flashlm_fraction_multiply(int32_t x, uint16_t fraction) {
    return (x >> 16) * (int32_t)fraction + (int32_t)((((uint32_t)x & 0xFFFFu) * fraction) >> 16);
}

static inline int32_t flashlm_signed_multiply(int32_t x, int16_t fraction) {
    return (x >> 16) * (int32_t)fraction + (((int32_t)((uint32_t)x & 0xFFFFu) * fraction) >> 16);
}

static inline uint32_t flashlm_fraction_multiply_unsigned(uint32_t x, uint16_t fraction) {
    return (x >> 16) * fraction + (((x & 0xFFFFu) * fraction) >> 16);
}

#endif

/** The number of bits of x: 0 for 0, 12 for 4095, 13 for 4096. */
uint32_t flashlm_bit_length(uint32_t x);

/** floor(sqrt(x)) */
uint32_t flashlm_integer_sqrt(uint32_t x);

#ifdef __cplusplus
}
#endif

#endif
