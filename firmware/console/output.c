#include "output.h"

#include "../ports/port.h"

#define MOST_DIGITS 10 /* of 2^32 - 1 */

void flashlm_print(flashlm_text text) {
    uint8_t character;
    while ((character = flashlm_character(text++, 0)) != '\0') {
        flashlm_port_put(character);
    }
}

void flashlm_print_bytes(const uint8_t *bytes, uint32_t count) {
    uint32_t i;
    for (i = 0; i < count; i++) {
        flashlm_port_put(bytes[i]);
    }
}

void flashlm_print_line_end(void) {
    flashlm_print(FLASHLM_TEXT("\r\n"));
}

void flashlm_print_story(const uint8_t *bytes, uint32_t count) {
    uint32_t i;
    for (i = 0; i < count; i++) {
        if (bytes[i] == '\n') {
            flashlm_print_line_end();
        } else {
            flashlm_port_put(bytes[i]);
        }
    }
}

/* The digits come from the right, so they are kept until the first one is known. */
void flashlm_print_fraction(uint32_t number, uint32_t digits) {
    char text[MOST_DIGITS];
    uint32_t count = 0;
    do {
        text[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0 || count <= digits);
    while (count > 0) {
        if (count == digits) {
            flashlm_port_put('.');
        }
        flashlm_port_put((uint8_t)text[--count]);
    }
}

void flashlm_print_number(uint32_t number) {
    flashlm_print_fraction(number, 0);
}

void flashlm_print_signed(int32_t number) {
    if (number < 0) {
        flashlm_port_put('-');
        flashlm_print_number((uint32_t)0 - (uint32_t)number);
    } else {
        flashlm_print_number((uint32_t)number);
    }
}

void flashlm_print_hexadecimal(uint32_t number) {
    int shift;
    for (shift = 28; shift >= 0; shift -= 4) {
        uint8_t digit = (uint8_t)((number >> shift) & 15u);
        flashlm_port_put((uint8_t)(digit < 10 ? '0' + digit : 'a' + (digit - 10)));
    }
}
