/*
 * QEMU's Arm machines mps2-*: registers from the Cortex-M System Design Kit. Where they lie, and how fast the core is,
 * differs between the machines: the linker script says it.
 */
#include "../port.h"

/* Symbols of the linker script: two addresses, and a number whose address is its value. */
extern volatile uint32_t mps2_serial[];
extern volatile uint32_t mps2_counter[];
extern uint8_t mps2_core_hertz[];

#define SERIAL_DATA mps2_serial[0]
#define SERIAL_STATE mps2_serial[1]
#define SERIAL_CONTROL mps2_serial[2]
#define SERIAL_DIVIDER mps2_serial[4]
#define SERIAL_TRANSMITTER_FULL 0x1u
#define SERIAL_RECEIVER_FULL 0x2u
#define SERIAL_BOTH_WAYS 0x3u

#define CORE_HERTZ ((uint32_t)(uintptr_t)mps2_core_hertz)
#define BAUD 115200u

/* A counter that advances by one for every (prescale + 1) ticks of the core clock. */
#define COUNTER mps2_counter[0]
#define COUNTER_PRESCALE mps2_counter[1]

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
