/*
 * QEMU, -M sim -cpu lx106 -semihosting: the machine has no devices, but a call to the simulator reads and writes.
 */
#include "../port.h"

/* Calls of the simulator, numbered as in Tensilica's. */
#define CALL_EXIT 1
#define CALL_READ 3
#define CALL_WRITE 4

#define STANDARD_INPUT 0
#define STANDARD_OUTPUT 1

/* Tensilica's number for "no input yet", which QEMU answers while its serial port waits. */
#define TRY_AGAIN 11

/* The instruction is `simcall`; this assembler does not know it for a core that is not simulated. */
static int simulator_call(int call, int file, void *bytes, int count, int *problem) {
    register int number __asm__("a2") = call;
    register int second __asm__("a3") = file;
    register void *third __asm__("a4") = bytes;
    register int fourth __asm__("a5") = count;
    __asm__ volatile(".byte 0x00, 0x51, 0x00" : "+r"(number), "+r"(second) : "r"(third), "r"(fourth) : "memory");
    *problem = second;
    return number;
}

void flashlm_port_start(void) {}

void flashlm_port_put(uint8_t byte) {
    int problem;
    simulator_call(CALL_WRITE, STANDARD_OUTPUT, &byte, 1, &problem);
}

int flashlm_port_get(void) {
    uint8_t byte = 0;
    int problem;
    int count;
    do {
        count = simulator_call(CALL_READ, STANDARD_INPUT, &byte, 1, &problem);
    } while (count < 0 && problem == TRY_AGAIN);
    return count == 1 ? byte : -1;
}

int flashlm_port_milliseconds(uint32_t *milliseconds) {
    (void)milliseconds;
    return 0;
}

void flashlm_port_rest(void) {}

void flashlm_port_end(void) {
    int problem;
    simulator_call(CALL_EXIT, 0, (void *)0, 0, &problem);
}
