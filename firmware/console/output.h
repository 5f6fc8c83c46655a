/*
 * Text and numbers to the serial port, without printf: it would bring a heap and several kilobytes.
 */
#ifndef FLASHLM_OUTPUT_H
#define FLASHLM_OUTPUT_H

#include <stdint.h>

#include "../core/constant.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A string, byte by byte as it is. */
void flashlm_print(flashlm_text text);

/** Bytes as they are. */
void flashlm_print_bytes(const uint8_t *bytes, uint32_t count);

/** Bytes of a story: a line feed becomes CR LF. */
void flashlm_print_story(const uint8_t *bytes, uint32_t count);

/** Ends the line: CR LF. */
void flashlm_print_line_end(void);

/** An unsigned number, decimal. */
void flashlm_print_number(uint32_t number);

/** A signed number, decimal. */
void flashlm_print_signed(int32_t number);

/** number / 10^digits, with that many digits after the point. */
void flashlm_print_fraction(uint32_t number, uint32_t digits);

/** Eight hexadecimal digits, lower case. */
void flashlm_print_hexadecimal(uint32_t number);

#ifdef __cplusplus
}
#endif

#endif
