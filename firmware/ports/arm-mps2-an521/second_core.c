/*
 * The second Cortex-M33 of QEMU's machine mps2-an521. Registers: Arm SSE-200, "System control register block", at its
 * secure address.
 */
#include "../../core/second_core.h"

#include <stdint.h>

#include "../../model/flashlm_model.h"
#include "../support/mailbox.h"

#if FLASHLM_CORES == 2

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SECOND_VECTORS REGISTER(0x50021114u)
#define CPU_WAIT REGISTER(0x50021118u)
#define SECOND_WAITS (1u << 1)

#define STACK_WORDS 128

static uint64_t second_stack[STACK_WORDS / 2];

static void serve(void) {
    flashlm_serve_jobs();
}

/* Where it begins: its stack and its code. The faults that the other vectors are for do not occur. */
struct first_vectors {
    void *stack_top;
    void (*entry)(void);
    void (*unexpected[14])(void);
};

static const struct first_vectors second_vectors __attribute__((aligned(128))) = {
    second_stack + STACK_WORDS / 2,
    serve,
    {serve},
};

int flashlm_second_core_start(void) {
    SECOND_VECTORS = (uint32_t)(uintptr_t)&second_vectors;
    CPU_WAIT = CPU_WAIT & ~SECOND_WAITS;
    return 1;
}

#else

/* C wants something in every file. */
typedef int flashlm_second_core_sleeps;

#endif
