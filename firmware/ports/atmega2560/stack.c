#include "../support/stack.h"

#include <avr/io.h>

#include "../port.h"

/* Symbol of avr-libc's linker script: its address is where the variables end. */
extern uint8_t __heap_start[];

/* A number that the program does not put on its stack by chance, byte after byte. */
#define PAINT 0xA5u

/* What lies below a local variable of flashlm_paint_stack: the rest of its frame. */
#define MARGIN_BYTES 16u

/* The stack grows down from the end of RAM, and a local variable lies where it has come to. */
void flashlm_paint_stack(void) {
    volatile uint8_t local;
    volatile uint8_t *end = &local - MARGIN_BYTES;
    volatile uint8_t *byte;
    for (byte = __heap_start; byte < end; byte++) {
        *byte = PAINT;
    }
}

int flashlm_port_stack(uint32_t *used, uint32_t *reserved) {
    const uint8_t *byte = __heap_start;
    const uint8_t *const end = (const uint8_t *)(RAMEND + 1);
    while (byte < end && *byte == PAINT) {
        byte++;
    }
    *used = (uint32_t)(end - byte);
    *reserved = (uint32_t)(end - __heap_start);
    return 1;
}
