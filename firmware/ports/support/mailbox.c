/*
 * Each core counts: the first the jobs that it wanted, the second those that it has done. A core writes only its own
 * counter, so nothing has to be locked. All ordering of memory between the cores is in `publish` and `await`: what a
 * core wrote before it counted, the other sees once it has read the count.
 */
#include "mailbox.h"

#include "../../core/second_core.h"
#include "../../model/flashlm_model.h"

/* ESP-IDF has tasks, and an operating system that wants to know who waits. */
#if FLASHLM_CORES == 2 && !defined(ESP_PLATFORM)

#if !defined(__arm__) && !defined(__riscv) && !defined(__xtensa__)
#include <sched.h>
#endif

static uint32_t wanted;
static uint32_t done;
static flashlm_job current_job;
static const void *current_argument;

/* Arm: sleeps until the other core sends an event. One that was sent before is remembered, so none is missed. */
static inline void pause_core(void) {
#if defined(__arm__)
    __asm__ volatile("wfe" ::: "memory");
#elif defined(__riscv) || defined(__xtensa__)
    __asm__ volatile("nop");
#else
    sched_yield();
#endif
}

static inline void wake_other_core(void) {
#if defined(__arm__)
    __asm__ volatile("dsb\n\tsev" ::: "memory");
#endif
}

static void publish(uint32_t *counter, uint32_t value) {
    __atomic_store_n(counter, value, __ATOMIC_RELEASE);
    wake_other_core();
}

/* All waiting happens in this function: by its name the emulator's counter leaves waiting out (src/emulate). */
#if defined(__clang__)
#define IN_ONE_PLACE __attribute__((noinline))
#else
#define IN_ONE_PLACE __attribute__((noipa))
#endif

void flashlm_await(const uint32_t *counter, uint32_t value) IN_ONE_PLACE;

void flashlm_await(const uint32_t *counter, uint32_t value) {
    while (__atomic_load_n(counter, __ATOMIC_ACQUIRE) != value) {
        pause_core();
    }
}

void flashlm_second_core_begin(flashlm_job job, const void *argument) {
    current_job = job;
    current_argument = argument;
    publish(&wanted, wanted + 1);
}

void flashlm_second_core_wait(void) {
    flashlm_await(&done, wanted);
}

void flashlm_serve_jobs(void) {
    uint32_t served = 0;
    for (;;) {
        flashlm_await(&wanted, served + 1);
        current_job(current_argument);
        served++;
        publish(&done, served);
    }
}

#else

/* C wants something in every file. */
typedef int flashlm_no_mailbox_is_needed;

#endif
