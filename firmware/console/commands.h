/*
 * The commands of the console: lines that begin with a slash.
 */
#ifndef FLASHLM_COMMANDS_H
#define FLASHLM_COMMANDS_H

#include "console.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Carries out the console's line, which begins with a slash, and prints the answer. */
void flashlm_command(struct flashlm_console *console);

#ifdef __cplusplus
}
#endif

#endif
