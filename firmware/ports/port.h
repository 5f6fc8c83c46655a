/*
 * What the console needs from a chip: nine small functions, of which it has eight. A port is a folder that implements them.
 */
#ifndef FLASHLM_PORT_H
#define FLASHLM_PORT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Called once, before anything else here: clocks, serial port, watchdogs. */
void flashlm_port_start(void);

/**
 * Sends a byte. Returns in bounded time: where bytes leave at their own pace (a UART) it waits for room, where
 * somebody has to fetch them (USB, a pseudo-terminal) and nobody does, the byte is dropped.
 */
void flashlm_port_put(uint8_t byte);

/** Waits for a byte; -1 once no byte can ever come (the host's input has ended). */
int flashlm_port_get(void);

/** Reads a clock that counts up and may wrap; 1, or 0 where there is no clock. */
int flashlm_port_milliseconds(uint32_t *milliseconds);

/** The model's image, aligned to at least 4 bytes; where flash is mapped into memory. */
const uint8_t *flashlm_port_image(void);

/**
 * Copies so many bytes of the image, both multiples of 4; where flash is not mapped into memory (core/read.h). It does not
 * return where they cannot be read, but tells the person so.
 */
void flashlm_port_read(uint32_t offset, uint32_t *words, uint32_t bytes);

/** Called between two tokens: where the program shares its core, the others get their turn. */
void flashlm_port_rest(void);

/**
 * How many bytes of the stack have been in use at most, and how many there are; 1, or 0 where that is not known and
 * nothing is written.
 */
int flashlm_port_stack(uint32_t *used, uint32_t *reserved);

/** The person is done (EOT at the beginning of a line). Ends the program where there is something to return to. */
void flashlm_port_end(void);

#ifdef __cplusplus
}
#endif

#endif
