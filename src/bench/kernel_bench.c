/*
 * A program that multiplies one matrix with one vector, to count what that takes. The numbers come from bench_data.c,
 * which src/bench/kernel-instructions.ts writes.
 */
#include "../core/kernel.h"
#include "../ports/port.h"
#include "bench_data.h"

static int32_t accumulators[BENCH_ROWS];
static int16_t activations[BENCH_ACTIVATIONS];

/* The emulator's counter notes the count each time this function is entered. */
void __attribute__((noinline)) bench_mark(void);
void bench_mark(void) {
    __asm__ volatile("" ::: "memory");
}

/* The word hash of docs/arithmetic.md, section 8. */
static uint32_t checksum(void) {
    uint32_t hash = 0x811C9DC5u;
    uint32_t row;
    for (row = 0; row < BENCH_ROWS; row++) {
        hash = (hash ^ (uint32_t)accumulators[row]) * 0x01000193u;
    }
    return hash;
}

static void print_hexadecimal(uint32_t number) {
    uint32_t digit;
    for (digit = 0; digit < 8; digit++) {
        flashlm_port_put((uint8_t)"0123456789abcdef"[number >> 28]);
        number <<= 4;
    }
    flashlm_port_put('\n');
}

int main(void) {
    uint32_t column;
    flashlm_port_start();
    for (column = 0; column < BENCH_ACTIVATIONS; column++) {
        activations[column] = bench_activations[column];
    }
    bench_mark();
    flashlm_ternary_product((const uint8_t *)bench_weights, BENCH_ROWS, BENCH_COLUMNS, activations, accumulators);
    bench_mark();
    print_hexadecimal(checksum());
    flashlm_port_end();
    return 0;
}
