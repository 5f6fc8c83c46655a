/*
 * Renesas RA4M1 on an Arduino Uno R4 Minima: the core at 48 MHz, serial port SCI2 on D0 and D1, a timer as clock.
 *
 * Registers: RA4M1 Group User's Manual, Hardware, chapters on clock generation, low power modes, register write
 * protection, I/O ports, GPT, SCI and flash; each is named here as there. Addresses, bits and values at reset were
 * compared with Renesas' R7FA4M1AB.svd and R7FA4M1AB.h. See README.md for what was tested.
 *
 * The boot loader has switched interrupts off, pointed the core at this program's vector table and loaded its stack.
 * Both watchdogs stand still: the option bytes (OFS0), which belong to the boot loader, do not start them.
 */
#include "../port.h"
#include "../support/registers.h"

#define CORE_HERTZ 48000000u
#define BAUD 115200u

/* PRCR: registers of the clock and of the power modes are locked until the key is written, with a bit for each. */
#define PROTECTION 0x4001E3FEu
#define PROTECTION_KEY 0xA500u
#define UNLOCK_CLOCK (1u << 0)
#define UNLOCK_POWER_MODES (1u << 1)

/*
 * HOCO, the high-speed on-chip oscillator. Its frequency is 48 MHz, which the option bytes say (OFS1), too; the chip
 * starts on another oscillator.
 */
#define OSCILLATOR_STOP 0x4001E036u  /* HOCOCR */
#define OSCILLATOR_STATE 0x4001E03Cu /* OSCSF */
#define OSCILLATOR_STABLE (1u << 0)

/*
 * SCKDIVCR: core, serial port (PCLKA) and timer (PCLKD) get all of the clock; PCLKB and the flash's own sequencer, which
 * may have 32 MHz at most, half of it. Bits 16 to 18 have to say the same as those of PCLKB.
 */
#define CLOCK_DIVIDERS 0x4001E020u
#define HALVE_FLASH_CLOCK (1u << 28)
#define HALVE_PCLKB (1u << 16 | 1u << 8)
#define CLOCK_SOURCE 0x4001E026u /* SCKSCR */
#define CLOCK_SOURCE_HOCO 0u

/* OPCCR and SOPCCR: more than 8 MHz needs the high-speed mode. Bit 4 is set while the chip changes over. */
#define POWER_MODE 0x4001E0A0u
#define POWER_MODE_HIGH_SPEED 0u
#define SLOW_POWER_MODE 0x4001E0AAu
#define SLOW_POWER_MODE_OFF 0u
#define POWER_MODE_CHANGES (1u << 4)

/* MEMWAIT: above 32 MHz the core waits a clock for flash. The cache (FCACHE) saves it where it can. */
#define FLASH_WAITS 0x4001E031u
#define FLASH_WAITS_ONE_CLOCK 1u
#define FLASH_CACHE_ENABLE 0x4001C100u
#define FLASH_CACHE_INVALIDATE 0x4001C104u

/* MSTPCRB and MSTPCRD: a set bit stops a part of the chip. */
#define STOPPED_PARTS_B 0x40047000u
#define PART_B_SCI2 (1u << 29)
#define STOPPED_PARTS_D 0x40047008u
#define PART_D_GPT320 (1u << 5)

/* GPT320, a timer of 32 bits: counts up from 0 at 48 MHz / 64 = 750 kHz. */
#define TIMER_CONTROL 0x4007802Cu /* GTCR */
#define TIMER_BY_64 (3u << 24)
#define TIMER_RUNS (1u << 0)
#define TIMER_COUNT 0x40078048u /* GTCNT */
#define TICKS_PER_MILLISECOND (CORE_HERTZ / 64u / 1000u)

/* PWPR: the pins' registers are locked by PFSWE, and that bit by B0WI. */
#define PIN_PROTECTION 0x40040D03u
#define PINS_UNLOCKED (1u << 6)
#define PIN_PROTECTION_LOCKED (1u << 7)
/* PmnPFS of P301, which is D0 and receives, and of P302, which is D1 and sends. */
#define PIN_D0 0x400408C4u
#define PIN_D1 0x400408C8u
#define PIN_OF_SCI2 (4u << 24)
#define PIN_OF_PART (1u << 16)
#define PIN_PULLED_UP (1u << 4)

/* SCI2: asynchronous, 8 bits, no parity, one stop bit, 16 periods of its clock a bit, are what 0 means. */
#define SERIAL_MODE 0x40070040u /* SMR */
#define SERIAL_MODE_8N1 0u
#define SERIAL_DIVIDER 0x40070041u /* BRR */
#define SERIAL_CONTROL 0x40070042u /* SCR */
#define SERIAL_OFF 0u
#define SERIAL_BOTH_WAYS (1u << 5 | 1u << 4)
#define SERIAL_SENT_BYTE 0x40070043u /* TDR */
#define SERIAL_STATE 0x40070044u     /* SSR */
#define SERIAL_SENDER_EMPTY (1u << 7)
#define SERIAL_RECEIVER_FULL (1u << 6)
#define SERIAL_RECEIVER_FAILED (1u << 5 | 1u << 4 | 1u << 3)
#define SERIAL_RECEIVED_BYTE 0x40070045u  /* RDR */
#define SERIAL_EXTENDED_MODE 0x40070047u  /* SEMR */
#define SERIAL_EXTENDED_MODE_PLAIN 0u

/* A bit takes 32 * (divider + 1) clocks: with 13 of them 115385 baud, 0.16% more than asked for. */
#define CLOCKS_PER_STEP 32u
#define SERIAL_DIVIDER_VALUE ((CORE_HERTZ + CLOCKS_PER_STEP * BAUD / 2u) / (CLOCKS_PER_STEP * BAUD) - 1u)

static void wait_for_power_mode(uint32_t mode) {
    while ((flashlm_read8(mode) & POWER_MODE_CHANGES) != 0) {
    }
}

static void set_power_mode(uint32_t mode, uint8_t value) {
    wait_for_power_mode(mode);
    if (flashlm_read8(mode) != value) {
        flashlm_write8(mode, value);
        wait_for_power_mode(mode);
    }
}

/*
 * The boot loader leaves the clock as it is wanted here. It is set even so, in the order that is right from every
 * state: each step makes the next one allowed.
 */
static void start_clock(void) {
    flashlm_write16(PROTECTION, PROTECTION_KEY | UNLOCK_CLOCK | UNLOCK_POWER_MODES);
    flashlm_write16(FLASH_CACHE_ENABLE, 0); /* off while power mode or waiting time change */
    flashlm_write8(OSCILLATOR_STOP, 0);
    while ((flashlm_read8(OSCILLATOR_STATE) & OSCILLATOR_STABLE) == 0) {
    }
    set_power_mode(SLOW_POWER_MODE, SLOW_POWER_MODE_OFF);
    set_power_mode(POWER_MODE, POWER_MODE_HIGH_SPEED);
    flashlm_write8(FLASH_WAITS, FLASH_WAITS_ONE_CLOCK);
    flashlm_write32(CLOCK_DIVIDERS, HALVE_FLASH_CLOCK | HALVE_PCLKB);
    flashlm_write8(CLOCK_SOURCE, CLOCK_SOURCE_HOCO);
    flashlm_write16(PROTECTION, PROTECTION_KEY);

    flashlm_write16(FLASH_CACHE_INVALIDATE, 1);
    while (flashlm_read16(FLASH_CACHE_INVALIDATE) != 0) {
    }
    flashlm_write16(FLASH_CACHE_ENABLE, 1);
}

static void start_part(uint32_t stopped_parts, uint32_t part) {
    flashlm_write32(stopped_parts, flashlm_read32(stopped_parts) & ~part);
}

static void start_timer(void) {
    start_part(STOPPED_PARTS_D, PART_D_GPT320);
    flashlm_write32(TIMER_CONTROL, TIMER_BY_64); /* can be chosen only while the timer stands still */
    flashlm_write32(TIMER_CONTROL, TIMER_BY_64 | TIMER_RUNS);
}

/* What a pin is connected to may change only while it is not connected. */
static void connect_pin(uint32_t pin, uint32_t setting) {
    flashlm_write32(pin, setting);
    flashlm_write32(pin, setting | PIN_OF_PART);
}

static void connect_pins(void) {
    flashlm_write8(PIN_PROTECTION, 0);
    flashlm_write8(PIN_PROTECTION, PINS_UNLOCKED);
    connect_pin(PIN_D0, PIN_OF_SCI2 | PIN_PULLED_UP); /* with nothing there, it hears nothing instead of noise */
    connect_pin(PIN_D1, PIN_OF_SCI2);
    flashlm_write8(PIN_PROTECTION, 0);
    flashlm_write8(PIN_PROTECTION, PIN_PROTECTION_LOCKED);
}

static void start_serial_port(void) {
    start_part(STOPPED_PARTS_B, PART_B_SCI2);
    flashlm_write8(SERIAL_CONTROL, SERIAL_OFF);
    flashlm_write8(SERIAL_MODE, SERIAL_MODE_8N1);
    flashlm_write8(SERIAL_EXTENDED_MODE, SERIAL_EXTENDED_MODE_PLAIN);
    flashlm_write8(SERIAL_DIVIDER, SERIAL_DIVIDER_VALUE);
    connect_pins();
    flashlm_write8(SERIAL_CONTROL, SERIAL_BOTH_WAYS);
}

void flashlm_port_start(void) {
    start_clock();
    start_timer();
    start_serial_port();
}

void flashlm_port_put(uint8_t byte) {
    while ((flashlm_read8(SERIAL_STATE) & SERIAL_SENDER_EMPTY) == 0) {
    }
    flashlm_write8(SERIAL_SENT_BYTE, byte);
}

/*
 * SCI2 keeps a single byte. When more come while a story is told, it hears nothing until the failure is cleared: a 0
 * clears a flag of its state, a 1 leaves it as it is.
 */
int flashlm_port_get(void) {
    uint8_t state;
    do {
        state = flashlm_read8(SERIAL_STATE);
        if ((state & SERIAL_RECEIVER_FAILED) != 0) {
            flashlm_write8(SERIAL_STATE, SERIAL_SENDER_EMPTY | SERIAL_RECEIVER_FULL);
        }
    } while ((state & SERIAL_RECEIVER_FULL) == 0);
    return flashlm_read8(SERIAL_RECEIVED_BYTE);
}

/*
 * The timer wraps after 95 minutes. Whole milliseconds are taken out of it whenever it is read, so that time runs on
 * as long as nobody lets 95 minutes pass within a story.
 */
int flashlm_port_milliseconds(uint32_t *milliseconds) {
    static uint32_t total;
    static uint32_t ticks_counted;
    uint32_t passed = (flashlm_read32(TIMER_COUNT) - ticks_counted) / TICKS_PER_MILLISECOND;
    ticks_counted += passed * TICKS_PER_MILLISECOND;
    total += passed;
    *milliseconds = total;
    return 1;
}

void flashlm_port_rest(void) {}

/* There is nothing to return to. */
void flashlm_port_end(void) {}
