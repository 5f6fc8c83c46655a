/*
 * RP2040: UART0 on GPIO 0 (sends) and 1 (receives), the core at 133 MHz, the timer as clock.
 *
 * Registers: RP2040 datasheet, chapters 2.14 (resets), 2.15 (clocks), 2.16 (crystal oscillator), 2.18 (PLL),
 * 2.19 (pins), 4.2 (UART), 4.6 (timer), 4.7 (watchdog, which makes the timer's ticks). See README.md for what was tested.
 */
#include "../port.h"
#include "../support/ticks.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))

/* Each register has a second address at which the bits that are written as 1 are cleared. */
#define CLEAR_BITS(address) REGISTER((address) + 0x3000u)

#define RESETS 0x4000C000u
#define RESETS_DONE REGISTER(0x4000C008u)
#define RESET_PINS (1u << 5 | 1u << 8) /* IO_BANK0 and PADS_BANK0 */
#define RESET_SYSTEM_PLL (1u << 12)
#define RESET_TIMER (1u << 21)
#define RESET_UART0 (1u << 22)

/* The board's crystal has 12 MHz. It is given 12 ms to start; the register counts in 256 periods. */
#define CRYSTAL_HERTZ 12000000u
#define CRYSTAL_CONTROL REGISTER(0x40024000u)
#define CRYSTAL_ENABLE_1_TO_15_MHZ (0xFABu << 12 | 0xAA0u)
#define CRYSTAL_STATUS REGISTER(0x40024004u)
#define CRYSTAL_STABLE 0x80000000u
#define CRYSTAL_START_UP REGISTER(0x4002400Cu)
#define CRYSTAL_START_UP_COUNT 564u

/* PLL: 12 MHz * 133 = 1596 MHz, divided by 6 and by 2: 133 MHz, the most that the data sheet allows. */
#define PLL_STATUS REGISTER(0x40028000u)
#define PLL_LOCKED 0x80000000u
#define PLL_POWER 0x40028004u
#define PLL_MAIN_AND_OSCILLATOR (1u << 0 | 1u << 5)
#define PLL_DIVIDERS (1u << 3)
#define PLL_FEEDBACK REGISTER(0x40028008u)
#define PLL_FEEDBACK_133 133u
#define PLL_PRIMARY REGISTER(0x4002800Cu)
#define PLL_BY_6_AND_2 (6u << 16 | 2u << 12)

#define REFERENCE_CLOCK_CONTROL REGISTER(0x40008030u)
#define REFERENCE_CLOCK_SELECTED REGISTER(0x40008038u)
#define REFERENCE_FROM_CRYSTAL 2u
#define SYSTEM_CLOCK_CONTROL REGISTER(0x4000803Cu)
#define SYSTEM_CLOCK_SELECTED REGISTER(0x40008044u)
#define SYSTEM_FROM_PLL 1u /* "auxiliary source", of which the PLL is number 0 */
#define PERIPHERAL_CLOCK_CONTROL REGISTER(0x40008048u)
#define PERIPHERAL_FROM_CRYSTAL (1u << 11 | 4u << 5)

/* The watchdog itself is off; its tick generator counts crystal periods and gives the timer its microseconds. */
#define TICK REGISTER(0x4005802Cu)
#define TICK_EVERY_12 (1u << 9 | CRYSTAL_HERTZ / 1000000u)

#define TIMER_HIGH REGISTER(0x40054024u)
#define TIMER_LOW REGISTER(0x40054028u)
#define TICKS_PER_MILLISECOND 1000u

#define PIN0_CONTROL REGISTER(0x40014004u)
#define PIN1_CONTROL REGISTER(0x4001400Cu)
#define PIN_IS_UART 2u

/* A PL011. The divider of 12 MHz to 16 * 115200 Hz is 6 + 33/64. */
#define UART_DATA REGISTER(0x40034000u)
#define UART_FLAGS REGISTER(0x40034018u)
#define UART_RECEIVER_EMPTY (1u << 4)
#define UART_TRANSMITTER_FULL (1u << 5)
#define UART_DIVIDER REGISTER(0x40034024u)
#define UART_DIVIDER_FRACTION REGISTER(0x40034028u)
#define UART_LINE REGISTER(0x4003402Cu)
#define UART_8_BITS_WITH_FIFO (3u << 5 | 1u << 4)
#define UART_CONTROL REGISTER(0x40034030u)
#define UART_ENABLE_BOTH_WAYS (1u << 0 | 1u << 8 | 1u << 9)

static void release_from_reset(uint32_t parts) {
    CLEAR_BITS(RESETS) = parts;
    while ((RESETS_DONE & parts) != parts) {
    }
}

/* The chip starts on a ring oscillator of about 6 MHz. */
static void start_clocks(void) {
    CRYSTAL_START_UP = CRYSTAL_START_UP_COUNT;
    CRYSTAL_CONTROL = CRYSTAL_ENABLE_1_TO_15_MHZ;
    while ((CRYSTAL_STATUS & CRYSTAL_STABLE) == 0) {
    }
    REFERENCE_CLOCK_CONTROL = REFERENCE_FROM_CRYSTAL;
    while (REFERENCE_CLOCK_SELECTED != 1u << REFERENCE_FROM_CRYSTAL) {
    }

    release_from_reset(RESET_SYSTEM_PLL);
    PLL_STATUS = 1; /* the crystal's clock is divided by 1 */
    PLL_FEEDBACK = PLL_FEEDBACK_133;
    CLEAR_BITS(PLL_POWER) = PLL_MAIN_AND_OSCILLATOR;
    while ((PLL_STATUS & PLL_LOCKED) == 0) {
    }
    PLL_PRIMARY = PLL_BY_6_AND_2;
    CLEAR_BITS(PLL_POWER) = PLL_DIVIDERS;
    SYSTEM_CLOCK_CONTROL = SYSTEM_FROM_PLL;
    while (SYSTEM_CLOCK_SELECTED != 1u << SYSTEM_FROM_PLL) {
    }

    PERIPHERAL_CLOCK_CONTROL = PERIPHERAL_FROM_CRYSTAL;
    TICK = TICK_EVERY_12;
}

static void start_serial_port(void) {
    release_from_reset(RESET_PINS | RESET_UART0 | RESET_TIMER);
    UART_DIVIDER = 6;
    UART_DIVIDER_FRACTION = 33;
    UART_LINE = UART_8_BITS_WITH_FIFO; /* also takes the dividers over */
    UART_CONTROL = UART_ENABLE_BOTH_WAYS;
    PIN0_CONTROL = PIN_IS_UART;
    PIN1_CONTROL = PIN_IS_UART;
}

void flashlm_port_start(void) {
    start_clocks();
    start_serial_port();
}

void flashlm_port_put(uint8_t byte) {
    while ((UART_FLAGS & UART_TRANSMITTER_FULL) != 0) {
    }
    UART_DATA = byte;
}

int flashlm_port_get(void) {
    while ((UART_FLAGS & UART_RECEIVER_EMPTY) != 0) {
    }
    return (int)(UART_DATA & 0xFFu);
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

/* There is nothing to return to. */
void flashlm_port_end(void) {}
