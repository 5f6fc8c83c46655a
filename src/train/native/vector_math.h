/*
 * Elementary functions in plain arithmetic, so that the compiler turns loops over them into vector code.
 */
#ifndef VECTOR_MATH_H
#define VECTOR_MATH_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * e^x within 2 units in the last place for -87 <= x <= 88; beyond, the value at that end.
 * x = n ln 2 + r with |r| <= ln 2 / 2; e^r by its Taylor polynomial, 2^n through the exponent bits.
 */
static inline float exponential(float x) {
    const float ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f; /* their sum is ln 2; the first has few bits */
    x = x < -87.0f ? -87.0f : x > 88.0f ? 88.0f : x;
    const float n = rintf(x * 1.44269504f);
    const float r = (x - n * ln2_high) - n * ln2_low;
    float sum = 1.0f / 5040;
    sum = sum * r + 1.0f / 720;
    sum = sum * r + 1.0f / 120;
    sum = sum * r + 1.0f / 24;
    sum = sum * r + 1.0f / 6;
    sum = sum * r + 0.5f;
    sum = sum * r + 1.0f;
    sum = sum * r + 1.0f;
    const int32_t power_bits = ((int32_t)n + 127) << 23;
    float power;
    memcpy(&power, &power_bits, sizeof power);
    return sum * power;
}

static inline float sigmoid(float x) {
    return 1.0f / (1.0f + exponential(-x));
}

/* Partial results that a loop keeps side by side: enough for two of the widest vectors. */
enum { PARTIALS = 32 };

/* Largest of the elements; compilers do not reorder comparisons of floats by themselves. NaN are passed over. */
static inline float largest_element(const float *x, size_t count) {
    float partial[PARTIALS];
    for (size_t i = 0; i < PARTIALS; i++) partial[i] = -INFINITY;
    size_t first = 0;
    for (; first + PARTIALS <= count; first += PARTIALS) {
        for (size_t i = 0; i < PARTIALS; i++) {
            partial[i] = x[first + i] > partial[i] ? x[first + i] : partial[i];
        }
    }
    float largest = -INFINITY;
    for (size_t i = 0; i < PARTIALS; i++) largest = partial[i] > largest ? partial[i] : largest;
    for (; first < count; first++) largest = x[first] > largest ? x[first] : largest;
    return largest;
}

/* Largest absolute value. */
static inline float largest_magnitude(const float *x, size_t count) {
    float partial[PARTIALS] = {0};
    size_t first = 0;
    for (; first + PARTIALS <= count; first += PARTIALS) {
        for (size_t i = 0; i < PARTIALS; i++) {
            const float size = fabsf(x[first + i]);
            partial[i] = size > partial[i] ? size : partial[i];
        }
    }
    float largest = 0;
    for (size_t i = 0; i < PARTIALS; i++) largest = partial[i] > largest ? partial[i] : largest;
    for (; first < count; first++) largest = fabsf(x[first]) > largest ? fabsf(x[first]) : largest;
    return largest;
}

#endif
