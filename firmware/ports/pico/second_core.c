/*
 * RP2040: core 1 sleeps in the ROM until core 0 sends it, through the FIFO between them, where its vectors, its stack and
 * its program are. It echoes each word (RP2040 datasheet, 2.8.2, "Launching code on processor core 1").
 *
 * On an emulator without core 1 nothing comes back; then core 0 does all the work, with the same result.
 */
#include "../../core/second_core.h"

#include <stdint.h>

#include "../../model/flashlm_model.h"
#include "../support/mailbox.h"

#if FLASHLM_CORES == 2

/* Single-cycle IO: RP2040 datasheet, 2.3.1.7. */
#define REGISTER(address) (*(volatile uint32_t *)(address))
#define FIFO_STATUS REGISTER(0xD0000050u)
#define FIFO_HAS_WORD (1u << 0)
#define FIFO_HAS_ROOM (1u << 1)
#define FIFO_WRITE REGISTER(0xD0000054u)
#define FIFO_READ REGISTER(0xD0000058u)

/* The ROM answers within some hundred clocks. */
#define PATIENCE 100000u
#define FIFO_WORDS 8u
#define ATTEMPTS 4u

#define STACK_WORDS 128

static uint64_t second_stack[STACK_WORDS / 2];

/* Of arm/start.S. */
extern const uint32_t vectors[];

static int await_status(uint32_t bit) {
    uint32_t turns = PATIENCE;
    while ((FIFO_STATUS & bit) == 0) {
        if (--turns == 0) {
            return 0;
        }
    }
    return 1;
}

/* Words that are left from before. */
static void empty_fifo(void) {
    uint32_t words = FIFO_WORDS;
    while ((FIFO_STATUS & FIFO_HAS_WORD) != 0 && words-- > 0) {
        (void)FIFO_READ;
    }
}

/* Sends a word and wants the same back. A zero begins the conversation anew. */
static int send(uint32_t word) {
    if (word == 0) {
        empty_fifo();
        __asm__ volatile("sev");
    }
    if (!await_status(FIFO_HAS_ROOM)) {
        return 0;
    }
    FIFO_WRITE = word;
    __asm__ volatile("sev");
    return await_status(FIFO_HAS_WORD) && FIFO_READ == word;
}

static int send_all(const uint32_t *words, uint32_t count) {
    uint32_t i;
    for (i = 0; i < count; i++) {
        if (!send(words[i])) {
            return 0;
        }
    }
    return 1;
}

int flashlm_second_core_start(void) {
    uint32_t words[6] = {0, 0, 1, 0, 0, 0};
    uint32_t attempt;
    words[3] = (uint32_t)(uintptr_t)vectors;
    words[4] = (uint32_t)(uintptr_t)(second_stack + STACK_WORDS / 2);
    words[5] = (uint32_t)(uintptr_t)flashlm_serve_jobs;
    for (attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (send_all(words, 6)) {
            return 1;
        }
    }
    return 0;
}

#else

/* C wants something in every file. */
typedef int flashlm_second_core_sleeps;

#endif
