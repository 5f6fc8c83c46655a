/*
 * Constants that stay in flash.
 *
 * Where flash is mapped into memory, the linker sees to it. An AVR reads flash and RAM with different instructions: a
 * constant without a mark is copied to RAM, of which there are a few kilobytes. The mark is part of its type, by which the
 * compiler knows which instruction to take. (GCC's manual, "Named Address Spaces".)
 *
 * On an ESP8266 constants are copied to RAM, too, because mapped flash is read in whole words alone. There only texts stay
 * in flash: they are seldom read.
 */
#ifndef FLASHLM_CONSTANT_H
#define FLASHLM_CONSTANT_H

#include <stdint.h>

/* C++ has no such types; there, only declarations are seen, and pointers have the same size. */
#if defined(__AVR__) && !defined(__cplusplus)

#define FLASHLM_CONSTANT __flash

#else

#define FLASHLM_CONSTANT

#endif

#if defined(ARDUINO_ARCH_ESP8266)

/** Where an array of characters lies that is only read as a text. The section is one of the linker script of its core. */
#define FLASHLM_TEXT_PLACE __attribute__((section(".irom.text.flashlm_text"), aligned(4)))

#else

#define FLASHLM_TEXT_PLACE

#endif

#if defined(__AVR__) || defined(ARDUINO_ARCH_ESP8266)

/** A text that is written down: FLASHLM_TEXT("like this"). */
#define FLASHLM_TEXT(literal)                                                            \
    (__extension__({                                                                     \
        static const FLASHLM_CONSTANT char text_in_flash[] FLASHLM_TEXT_PLACE = literal; \
        (flashlm_text) text_in_flash;                                                    \
    }))

#else

#define FLASHLM_TEXT(literal) (literal)

#endif

/** Text that ends with a zero, and is never written. */
typedef const FLASHLM_CONSTANT char *flashlm_text;

/** One character of a text; the last is 0. */
static inline uint8_t flashlm_character(flashlm_text text, uint32_t index) {
#if defined(ARDUINO_ARCH_ESP8266)
    /* volatile, since a compiler would load what it needs of the word */
    uintptr_t address = (uintptr_t)text + index;
    uint32_t word = *(const volatile uint32_t *)(address & ~(uintptr_t)3);
    return (uint8_t)(word >> 8 * (address & 3));
#else
    return (uint8_t)text[index];
#endif
}

#endif
