/*
 * Division for the lx106, which has no instruction for it and whose GCC comes without the library functions. The
 * compiler calls them by these names.
 */
#include <stdint.h>

uint32_t __udivsi3(uint32_t dividend, uint32_t divisor);
uint32_t __umodsi3(uint32_t dividend, uint32_t divisor);
int32_t __divsi3(int32_t dividend, int32_t divisor);
int32_t __modsi3(int32_t dividend, int32_t divisor);

/* Long division, one bit at a time; the quotient grows where the dividend shrinks. */
static uint32_t divide(uint32_t dividend, uint32_t divisor, uint32_t *remainder) {
    uint32_t rest = 0;
    int bit;
    for (bit = 0; bit < 32; bit++) {
        uint32_t carry = rest >> 31;
        rest = rest << 1 | dividend >> 31;
        dividend <<= 1;
        if (carry != 0 || rest >= divisor) {
            rest -= divisor;
            dividend |= 1;
        }
    }
    *remainder = rest;
    return dividend;
}

static uint32_t magnitude(int32_t x) {
    return x < 0 ? (uint32_t)0 - (uint32_t)x : (uint32_t)x;
}

uint32_t __udivsi3(uint32_t dividend, uint32_t divisor) {
    uint32_t remainder;
    return divide(dividend, divisor, &remainder);
}

uint32_t __umodsi3(uint32_t dividend, uint32_t divisor) {
    uint32_t remainder;
    divide(dividend, divisor, &remainder);
    return remainder;
}

int32_t __divsi3(int32_t dividend, int32_t divisor) {
    uint32_t remainder;
    uint32_t quotient = divide(magnitude(dividend), magnitude(divisor), &remainder);
    return (int32_t)((dividend < 0) != (divisor < 0) ? (uint32_t)0 - quotient : quotient);
}

int32_t __modsi3(int32_t dividend, int32_t divisor) {
    uint32_t remainder;
    divide(magnitude(dividend), magnitude(divisor), &remainder);
    return (int32_t)(dividend < 0 ? (uint32_t)0 - remainder : remainder);
}
