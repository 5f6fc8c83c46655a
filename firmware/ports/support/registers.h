/*
 * Registers of 8, 16 and 32 bits, for chips that have all three: a register must be accessed in its own width.
 */
#ifndef FLASHLM_REGISTERS_H
#define FLASHLM_REGISTERS_H

#include <stdint.h>

static inline uint8_t flashlm_read8(uint32_t address) {
    return *(volatile const uint8_t *)(uintptr_t)address;
}

static inline void flashlm_write8(uint32_t address, uint8_t value) {
    *(volatile uint8_t *)(uintptr_t)address = value;
}

static inline uint16_t flashlm_read16(uint32_t address) {
    return *(volatile const uint16_t *)(uintptr_t)address;
}

static inline void flashlm_write16(uint32_t address, uint16_t value) {
    *(volatile uint16_t *)(uintptr_t)address = value;
}

static inline uint32_t flashlm_read32(uint32_t address) {
    return *(volatile const uint32_t *)(uintptr_t)address;
}

static inline void flashlm_write32(uint32_t address, uint32_t value) {
    *(volatile uint32_t *)(uintptr_t)address = value;
}

#endif
