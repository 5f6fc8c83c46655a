/*
 * A stand-in for the registers of an RA4M1 that firmware/ports/uno-r4/port.c uses. It is no emulator: it knows their
 * addresses, widths and values at reset (R7FA4M1AB.svd), and what the manual forbids to write when. What a chip would
 * ignore or forbid, or an address that is not in the table, ends it with a sentence and exit code 1.
 *
 *   ra4m1_stand_in reset         starts as the chip does
 *   ra4m1_stand_in boot-loader   starts as the boot loader leaves the chip
 *
 * It runs flashlm_port_start and prints what every register holds then; then it sends, receives and reads the clock.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ports/port.h"
#include "ports/support/registers.h"

enum lock { OPEN, CLOCK, POWER, PINS, TIMER_PART, SERIAL_PART };

struct chip_register {
    const char *name;
    uint32_t address;
    unsigned bits;
    enum lock lock;
    uint32_t value;
};

static struct chip_register registers[] = {
    {"PRCR", 0x4001E3FE, 16, OPEN, 0},
    {"SCKDIVCR", 0x4001E020, 32, CLOCK, 0x44044444},
    {"SCKSCR", 0x4001E026, 8, CLOCK, 1},
    {"MEMWAIT", 0x4001E031, 8, CLOCK, 0},
    {"HOCOCR", 0x4001E036, 8, CLOCK, 0},
    {"OSCSF", 0x4001E03C, 8, CLOCK, 0},
    {"OPCCR", 0x4001E0A0, 8, POWER, 2},
    {"SOPCCR", 0x4001E0AA, 8, POWER, 0},
    {"FCACHEE", 0x4001C100, 16, OPEN, 0},
    {"FCACHEIV", 0x4001C104, 16, OPEN, 0},
    {"MSTPCRB", 0x40047000, 32, OPEN, 0xFFFFFFFF},
    {"MSTPCRD", 0x40047008, 32, OPEN, 0xFFFFFFFF},
    {"GTCR", 0x4007802C, 32, TIMER_PART, 0},
    {"GTCNT", 0x40078048, 32, TIMER_PART, 0},
    {"PWPR", 0x40040D03, 8, OPEN, 0x80},
    {"P301PFS", 0x400408C4, 32, PINS, 0},
    {"P302PFS", 0x400408C8, 32, PINS, 0},
    {"SMR", 0x40070040, 8, SERIAL_PART, 0},
    {"BRR", 0x40070041, 8, SERIAL_PART, 0xFF},
    {"SCR", 0x40070042, 8, SERIAL_PART, 0},
    {"TDR", 0x40070043, 8, SERIAL_PART, 0xFF},
    {"SSR", 0x40070044, 8, SERIAL_PART, 0x84},
    {"RDR", 0x40070045, 8, SERIAL_PART, 0},
    {"SEMR", 0x40070047, 8, SERIAL_PART, 0},
};

#define COUNT (sizeof registers / sizeof registers[0])
#define RECEIVER_FULL 0x40u
#define OVERRUN 0x20u
#define STATE_FLAGS_THAT_0_CLEARS 0x78u

static struct chip_register *named(const char *name) {
    size_t i;
    for (i = 0; i < COUNT; i++) {
        if (strcmp(registers[i].name, name) == 0) {
            return &registers[i];
        }
    }
    abort();
}

static uint32_t held(const char *name) {
    return named(name)->value;
}

static void refuse(const struct chip_register *which, const char *reason) {
    printf("%s: %s\n", which->name, reason);
    exit(1);
}

static struct chip_register *at(uint32_t address, unsigned bits) {
    size_t i;
    for (i = 0; i < COUNT; i++) {
        if (registers[i].address == address && registers[i].bits == bits) {
            return &registers[i];
        }
    }
    printf("no register of %u bits at %08x\n", bits, (unsigned)address);
    exit(1);
}

static int is_locked(enum lock lock) {
    switch (lock) {
    case CLOCK:
        return (held("PRCR") & 1u) == 0;
    case POWER:
        return (held("PRCR") & 2u) == 0;
    case PINS:
        return (held("PWPR") & 0x40u) == 0;
    case TIMER_PART:
        return (held("MSTPCRD") & 1u << 5) != 0;
    case SERIAL_PART:
        return (held("MSTPCRB") & 1u << 29) != 0;
    default:
        return 0;
    }
}

/* The clock may be 48 MHz only if all else is ready for it. */
static void check_clock(const struct chip_register *which) {
    int is_fast = held("SCKSCR") == 0 && (held("SCKDIVCR") >> 24 & 7u) == 0;
    int is_ready = held("MEMWAIT") == 1 && held("OPCCR") == 0 && held("SOPCCR") == 0 && held("OSCSF") == 1;
    if (is_fast && !is_ready) {
        refuse(which, "48 MHz without waiting for flash, in a slow power mode, or from an oscillator that is not stable");
    }
    if (is_fast && (held("SCKDIVCR") >> 28 == 0 || (held("SCKDIVCR") >> 8 & 7u) == 0)) {
        refuse(which, "more than 32 MHz for the flash's sequencer or PCLKB");
    }
}

static uint32_t read_register(uint32_t address, unsigned bits) {
    struct chip_register *which = at(address, bits);
    uint32_t value = which->value;
    if (is_locked(which->lock) && which->lock >= TIMER_PART) {
        refuse(which, "read while its part of the chip is stopped");
    }
    if (strcmp(which->name, "OSCSF") == 0) {
        which->value = held("HOCOCR") == 0; /* stable, but not at the first look */
    } else if (strcmp(which->name, "FCACHEIV") == 0) {
        which->value = 0; /* done at the second look */
    } else if (strcmp(which->name, "RDR") == 0) {
        named("SSR")->value &= ~RECEIVER_FULL;
    }
    return value;
}

static void write_register(uint32_t address, unsigned bits, uint32_t value) {
    struct chip_register *which = at(address, bits);
    uint32_t before = which->value;
    const char *name = which->name;
    if (is_locked(which->lock)) {
        refuse(which, "written while it is locked or stopped");
    }
    if (strcmp(name, "PRCR") == 0) {
        if (value >> 8 != 0xA5u) {
            refuse(which, "written without its key");
        }
        value &= 0xFFu;
    } else if (strcmp(name, "PWPR") == 0 && (before & 0x80u) != 0 && (value & 0x40u) != 0) {
        refuse(which, "PFSWE written while B0WI locks it");
    } else if (strcmp(name, "SSR") == 0) {
        value = before & (value | ~STATE_FLAGS_THAT_0_CLEARS);
    } else if (which->lock == PINS && (before & 1u << 16) != 0 && (before ^ value) >> 24 != 0) {
        refuse(which, "connected elsewhere while it is connected");
    } else if (strcmp(name, "GTCR") == 0 && (before & 1u) != 0 && (before ^ value) >> 24 != 0) {
        refuse(which, "prescaler changed while the timer runs");
    } else if (strcmp(name, "OPCCR") == 0 && held("OSCSF") == 0) {
        refuse(which, "power mode changed while the oscillator is not stable");
    } else if ((strcmp(name, "MEMWAIT") == 0 || which->lock == POWER) && held("FCACHEE") != 0) {
        refuse(which, "changed while the flash cache is on");
    } else if (which->lock == SERIAL_PART && held("SCR") != 0 &&
               (strcmp(name, "SMR") == 0 || strcmp(name, "BRR") == 0 || strcmp(name, "SEMR") == 0)) {
        refuse(which, "changed while the serial port is on");
    }
    which->value = value;
    if (which->lock == CLOCK || which->lock == POWER) {
        check_clock(which);
    }
}

uint8_t flashlm_read8(uint32_t address) {
    return (uint8_t)read_register(address, 8);
}

void flashlm_write8(uint32_t address, uint8_t value) {
    write_register(address, 8, value);
}

uint16_t flashlm_read16(uint32_t address) {
    return (uint16_t)read_register(address, 16);
}

void flashlm_write16(uint32_t address, uint16_t value) {
    write_register(address, 16, value);
}

uint32_t flashlm_read32(uint32_t address) {
    return read_register(address, 32);
}

void flashlm_write32(uint32_t address, uint32_t value) {
    write_register(address, 32, value);
}

/* What dfu_minima.hex of Arduino's core does before it starts the program. */
static void leave_as_boot_loader(void) {
    named("SCKDIVCR")->value = 0x10010100;
    named("SCKSCR")->value = 0;
    named("MEMWAIT")->value = 1;
    named("OSCSF")->value = 1;
    named("OPCCR")->value = 0;
    named("FCACHEE")->value = 1;
}

/* A byte comes in. One that nobody has read is kept, and from then on nothing is heard. */
static void arrive(uint8_t byte) {
    struct chip_register *state = named("SSR");
    if ((state->value & OVERRUN) != 0) {
        return;
    }
    if ((state->value & RECEIVER_FULL) != 0) {
        state->value |= OVERRUN;
        return;
    }
    named("RDR")->value = byte;
    state->value |= RECEIVER_FULL;
}

static void print_time_at(uint32_t ticks) {
    uint32_t milliseconds;
    named("GTCNT")->value = ticks;
    flashlm_port_milliseconds(&milliseconds);
    printf("milliseconds %u\n", (unsigned)milliseconds);
}

int main(int argc, char **argv) {
    size_t i;
    if (argc == 2 && strcmp(argv[1], "boot-loader") == 0) {
        leave_as_boot_loader();
    }
    flashlm_port_start();
    for (i = 0; i < COUNT; i++) {
        printf("%s %u\n", registers[i].name, (unsigned)registers[i].value);
    }

    flashlm_port_put('A');
    printf("sent %c\n", (char)held("TDR"));
    arrive('1');
    arrive('2');
    arrive('3');
    printf("received %c\n", flashlm_port_get());
    arrive('4');
    printf("received %c\n", flashlm_port_get());

    print_time_at(750u * 5u + 749u);
    print_time_at(0xFFFFFFFFu);
    print_time_at(750u * 4u); /* the counter has wrapped */
    return 0;
}
