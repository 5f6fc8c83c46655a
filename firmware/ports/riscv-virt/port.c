/*
 * QEMU, -M virt: addresses from hw/riscv/virt.c (virt_memmap).
 */
#include "../port.h"
#include "../support/ticks.h"

/* A 16550 serial port; of its registers only the data byte and the line status matter here. */
#define SERIAL_DATA (*(volatile uint8_t *)0x10000000u)
#define SERIAL_LINE_STATUS (*(volatile uint8_t *)0x10000005u)
#define SERIAL_DATA_READY 0x01u
#define SERIAL_TRANSMITTER_EMPTY 0x20u

/* The 64-bit machine timer counts at 10 MHz. */
#define TIMER_LOW (*(volatile uint32_t *)0x0200BFF8u)
#define TIMER_HIGH (*(volatile uint32_t *)0x0200BFFCu)
#define TICKS_PER_MILLISECOND 10000u

/* The "test" device ends the emulator. */
#define TEST_DEVICE (*(volatile uint32_t *)0x00100000u)
#define TEST_PASS 0x5555u

void flashlm_port_start(void) {}

void flashlm_port_put(uint8_t byte) {
    while ((SERIAL_LINE_STATUS & SERIAL_TRANSMITTER_EMPTY) == 0) {
    }
    SERIAL_DATA = byte;
}

int flashlm_port_get(void) {
    while ((SERIAL_LINE_STATUS & SERIAL_DATA_READY) == 0) {
    }
    return SERIAL_DATA;
}

int flashlm_port_milliseconds(uint32_t *milliseconds) {
    uint32_t high;
    uint32_t low;
    do {
        high = TIMER_HIGH;
        low = TIMER_LOW;
    } while (high != TIMER_HIGH);
    *milliseconds = flashlm_milliseconds_of(high, low, TICKS_PER_MILLISECOND);
    return 1;
}

void flashlm_port_rest(void) {}

void flashlm_port_end(void) {
    TEST_DEVICE = TEST_PASS;
}
