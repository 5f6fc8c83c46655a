/*
 * Stands in for firmware/ports/support/registers.h: each access goes to ra4m1_stand_in.c instead of to a chip.
 */
#ifndef FLASHLM_REGISTERS_H
#define FLASHLM_REGISTERS_H

#include <stdint.h>

uint8_t flashlm_read8(uint32_t address);
void flashlm_write8(uint32_t address, uint8_t value);
uint16_t flashlm_read16(uint32_t address);
void flashlm_write16(uint32_t address, uint16_t value);
uint32_t flashlm_read32(uint32_t address);
void flashlm_write32(uint32_t address, uint32_t value);

#endif
