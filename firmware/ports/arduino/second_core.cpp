/*
 * The second core of chips whose Arduino core has no operating system. Those of Espressif have one:
 * support/freertos_second_core.c.
 */
#include "../../core/second_core.h"
#include "../../model/flashlm_model.h"
#include "../support/mailbox.h"

#if FLASHLM_CORES == 2 && !defined(ESP_PLATFORM)

#if defined(ARDUINO_ARCH_RP2040) && !defined(ARDUINO_ARCH_MBED)

/* arduino-pico starts the second processor for a program that has loop1(), before anything here runs. */
int flashlm_second_core_start(void) {
    return 1;
}

void loop1();

void loop1() {
    flashlm_serve_jobs();
}

#else

/* Not known how to start one: the first does all the work. */
int flashlm_second_core_start(void) {
    return 0;
}

#endif

#endif
