/*
 * What the console needs from a chip: seven small functions. A port is a folder that implements them.
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

/** The model's image, mapped into memory, aligned to at least 4 bytes. */
const uint8_t *flashlm_port_image(void);

/** Called between two tokens: where the program shares its core, the others get their turn. */
void flashlm_port_rest(void);

/** The person is done (EOT at the beginning of a line). Ends the program where there is something to return to. */
void flashlm_port_end(void);

#ifdef __cplusplus
}
#endif

#endif
