/*
 * ESP32-C3: UART0 as the ROM leaves it (115200 baud, pins 20 and 21), the system timer as clock.
 *
 * Registers: ESP32-C3 Technical Reference Manual, and the headers of ESP-IDF, components/soc/esp32c3/include/soc
 * (rtc_cntl_reg.h, timer_group_reg.h, uart_reg.h, system_reg.h, systimer_reg.h). See README.md for what was tested.
 */
#include "../port.h"
#include "../support/ticks.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))

/* UART0: the ROM prints on it, so it is set up; its clock is the crystal, which nothing below changes. */
#define UART_FIFO REGISTER(0x60000000u)
#define UART_STATUS REGISTER(0x6000001Cu)
#define UART_RECEIVED(status) ((status) & 0x3FFu)
#define UART_WAITING(status) (((status) >> 16) & 0x3FFu)
#define UART_FIFO_BYTES 128u

/* Watchdogs: each is locked until its key is written. */
#define WATCHDOG_KEY 0x50D83AA1u
#define SUPER_WATCHDOG_KEY 0x8F1D312Au
#define RTC_WATCHDOG_CONFIG REGISTER(0x60008090u)
#define RTC_WATCHDOG_LOCK REGISTER(0x600080A8u)
#define SUPER_WATCHDOG_CONFIG REGISTER(0x600080ACu)
#define SUPER_WATCHDOG_LOCK REGISTER(0x600080B0u)
#define SUPER_WATCHDOG_FEEDS_ITSELF 0x80000000u
#define TIMER_GROUP0_WATCHDOG_CONFIG REGISTER(0x6001F048u)
#define TIMER_GROUP0_WATCHDOG_LOCK REGISTER(0x6001F064u)
#define TIMER_GROUP1_WATCHDOG_CONFIG REGISTER(0x60020048u)
#define TIMER_GROUP1_WATCHDOG_LOCK REGISTER(0x60020064u)

/* The core's clock: from the 480 MHz PLL, which the ROM has started for USB, divided to 160 MHz (manual, 6.2.4.1). */
#define CPU_PERIOD REGISTER(0x600C0008u)
#define CPU_PERIOD_MASK 0x3u
#define CPU_PERIOD_160_MHZ 0x1u
#define CPU_PLL_480_MHZ 0x4u
#define SYSTEM_CLOCK REGISTER(0x600C0058u)
#define SYSTEM_CLOCK_SOURCE_MASK 0xC00u
#define SYSTEM_CLOCK_SOURCE_PLL 0x400u

/* The system timer counts at 16 MHz; a request copies it to where it can be read. */
#define TIMER_REQUEST REGISTER(0x60023004u)
#define TIMER_UPDATE 0x40000000u
#define TIMER_VALID 0x20000000u
#define TIMER_HIGH REGISTER(0x60023040u)
#define TIMER_LOW REGISTER(0x60023044u)
#define TICKS_PER_MILLISECOND 16000u

/* The ROM leaves some of them running; a story takes longer than they wait. */
static void stop_watchdogs(void) {
    RTC_WATCHDOG_LOCK = WATCHDOG_KEY;
    RTC_WATCHDOG_CONFIG = 0;
    RTC_WATCHDOG_LOCK = 0;
    SUPER_WATCHDOG_LOCK = SUPER_WATCHDOG_KEY;
    SUPER_WATCHDOG_CONFIG |= SUPER_WATCHDOG_FEEDS_ITSELF;
    SUPER_WATCHDOG_LOCK = 0;
    TIMER_GROUP0_WATCHDOG_LOCK = WATCHDOG_KEY;
    TIMER_GROUP0_WATCHDOG_CONFIG = 0;
    TIMER_GROUP0_WATCHDOG_LOCK = 0;
    TIMER_GROUP1_WATCHDOG_LOCK = WATCHDOG_KEY;
    TIMER_GROUP1_WATCHDOG_CONFIG = 0;
    TIMER_GROUP1_WATCHDOG_LOCK = 0;
}

static void run_at_160_megahertz(void) {
    CPU_PERIOD = (CPU_PERIOD & ~CPU_PERIOD_MASK) | CPU_PERIOD_160_MHZ | CPU_PLL_480_MHZ;
    SYSTEM_CLOCK = (SYSTEM_CLOCK & ~SYSTEM_CLOCK_SOURCE_MASK) | SYSTEM_CLOCK_SOURCE_PLL;
}

void flashlm_port_start(void) {
    stop_watchdogs();
    run_at_160_megahertz();
}

void flashlm_port_put(uint8_t byte) {
    while (UART_WAITING(UART_STATUS) >= UART_FIFO_BYTES - 1u) {
    }
    UART_FIFO = byte;
}

int flashlm_port_get(void) {
    while (UART_RECEIVED(UART_STATUS) == 0) {
    }
    return (int)(UART_FIFO & 0xFFu);
}

int flashlm_port_milliseconds(uint32_t *milliseconds) {
    uint32_t high;
    TIMER_REQUEST = TIMER_UPDATE;
    while ((TIMER_REQUEST & TIMER_VALID) == 0) {
    }
    high = TIMER_HIGH;
    *milliseconds = flashlm_milliseconds_of(high, TIMER_LOW, TICKS_PER_MILLISECOND);
    return 1;
}

void flashlm_port_rest(void) {}

/* There is nothing to return to. */
void flashlm_port_end(void) {}
