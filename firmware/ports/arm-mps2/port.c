/*
 * QEMU, -M mps2-an385: addresses from Arm's application note AN385, registers from the Cortex-M System Design Kit.
 */
#include "../port.h"

#define SERIAL_DATA (*(volatile uint32_t *)0x40004000u)
#define SERIAL_STATE (*(volatile uint32_t *)0x40004004u)
#define SERIAL_CONTROL (*(volatile uint32_t *)0x40004008u)
#define SERIAL_DIVIDER (*(volatile uint32_t *)0x40004010u)
#define SERIAL_TRANSMITTER_FULL 0x1u
#define SERIAL_RECEIVER_FULL 0x2u
#define SERIAL_BOTH_WAYS 0x3u

#define CORE_HERTZ 25000000u
#define BAUD 115200u

/* A counter that advances by one for every (prescale + 1) ticks of the core clock. */
#define COUNTER (*(volatile uint32_t *)0x40028018u)
#define COUNTER_PRESCALE (*(volatile uint32_t *)0x4002801Cu)

/* Semihosting: a request to the emulator; 0x18 ends the program, 0x20026 says that all went well. */
#define SEMIHOSTING_EXIT 0x18u
#define EXIT_SUCCESS_REASON 0x20026u

void flashlm_port_start(void) {
    SERIAL_DIVIDER = CORE_HERTZ / BAUD;
    SERIAL_CONTROL = SERIAL_BOTH_WAYS;
    COUNTER_PRESCALE = CORE_HERTZ / 1000u - 1u;
}

void flashlm_port_put(uint8_t byte) {
    while ((SERIAL_STATE & SERIAL_TRANSMITTER_FULL) != 0) {
    }
    SERIAL_DATA = byte;
}

int flashlm_port_get(void) {
    while ((SERIAL_STATE & SERIAL_RECEIVER_FULL) == 0) {
    }
    return (int)(SERIAL_DATA & 0xFFu);
}

int flashlm_port_milliseconds(uint32_t *milliseconds) {
    *milliseconds = COUNTER;
    return 1;
}

void flashlm_port_rest(void) {}

void flashlm_port_end(void) {
    register uint32_t operation __asm__("r0") = SEMIHOSTING_EXIT;
    register uint32_t reason __asm__("r1") = EXIT_SUCCESS_REASON;
    __asm__ volatile("bkpt 0xAB" : "+r"(operation) : "r"(reason) : "memory");
}
