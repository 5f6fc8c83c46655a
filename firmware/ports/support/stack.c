#include "stack.h"

#include <stdint.h>

#include "../port.h"

/* Symbols of the linker script: their addresses are their values. */
extern uint32_t stack_top[];
extern uint8_t stack_bytes[];

/* A number that the program does not put on its stack by chance, word after word. */
#define PAINT 0xA5C3965Au

/* What lies below a local variable of flashlm_paint_stack: the rest of its frame. */
#define MARGIN_BYTES 128u

static uint32_t *lowest_word(void) {
    return (uint32_t *)((uintptr_t)stack_top - (uintptr_t)stack_bytes);
}

/* The stack grows down from stack_top, and a local variable lies where it has come to. */
void flashlm_paint_stack(void) {
    volatile uint32_t local;
    volatile uint32_t *end = (volatile uint32_t *)((uintptr_t)&local - MARGIN_BYTES);
    volatile uint32_t *word;
    for (word = lowest_word(); word < end; word++) {
        *word = PAINT;
    }
}

int flashlm_port_stack(uint32_t *used, uint32_t *reserved) {
    const uint32_t *word = lowest_word();
    while (word < stack_top && *word == PAINT) {
        word++;
    }
    *used = (uint32_t)((uintptr_t)stack_top - (uintptr_t)word);
    *reserved = (uint32_t)(uintptr_t)stack_bytes;
    return 1;
}
