/*
 * Tells a story on the serial port: as text for a person, or as trace lines for a program.
 */
#ifndef FLASHLM_TELL_H
#define FLASHLM_TELL_H

#include "console.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Continues the console's line as text, and ends with the number of tokens and the time they took. */
void flashlm_tell(struct flashlm_console *console);

/** Continues the console's line, printing one machine-readable line for each step. */
void flashlm_tell_trace(struct flashlm_console *console);

#ifdef __cplusplus
}
#endif

#endif
