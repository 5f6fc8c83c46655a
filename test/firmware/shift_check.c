/*
 * Compares flashlm_apply_shift with flashlm_scale_shift, for every shift that an image may hold, at the limits of the
 * arithmetic and at random. Prints the first difference; exits with 1 then.
 */
#include <stdio.h>

#include "arithmetic.h"

#define LARGEST_SHIFT 1100 /* an image's 1023, and the exponent of the activations that is taken away from it */
#define RANDOM_NUMBERS 400

static uint32_t generator = 2463534242u;

/* Of all magnitudes alike, from -2^30 to 2^30. */
static int32_t next_number(void) {
    int32_t number;
    generator ^= generator << 13;
    generator ^= generator >> 17;
    generator ^= generator << 5;
    number = (int32_t)((generator >> 2) >> (generator % 31));
    return (generator & 32) != 0 ? -number : number;
}

static int is_right(int32_t x, int32_t shift, int32_t limit) {
    int32_t expected = flashlm_scale_shift(x, shift, limit);
    int32_t found = flashlm_apply_shift(x, flashlm_shift_by(shift), limit);
    if (expected == found) {
        return 1;
    }
    printf("%ld shifted by %ld: %ld, not %ld\n", (long)x, (long)shift, (long)found, (long)expected);
    return 0;
}

int main(void) {
    static const int32_t limits[] = {1, 32767, (int32_t)1 << 29, ((int32_t)1 << 30) - 1, (int32_t)1 << 30};
    uint32_t l;
    int32_t shift;
    int32_t i;
    for (l = 0; l < sizeof limits / sizeof limits[0]; l++) {
        for (shift = -LARGEST_SHIFT; shift <= LARGEST_SHIFT; shift++) {
            for (i = 0; i <= 30; i++) {
                int32_t power = (int32_t)1 << i;
                if (!is_right(power, shift, limits[l]) || !is_right(-power, shift, limits[l]) ||
                    !is_right(power - 1, shift, limits[l]) || !is_right(1 - power, shift, limits[l])) {
                    return 1;
                }
            }
            for (i = 0; i < RANDOM_NUMBERS; i++) {
                if (!is_right(next_number(), shift, limits[l])) {
                    return 1;
                }
            }
        }
    }
    return 0;
}
