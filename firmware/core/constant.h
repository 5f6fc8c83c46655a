/*
 * Constants that stay in flash.
 *
 * Where flash is mapped into memory, the linker sees to it. An AVR reads flash and RAM with different instructions: a
 * constant without a mark is copied to RAM, of which there are a few kilobytes. The mark is part of its type, by which the
 * compiler knows which instruction to take. (GCC's manual, "Named Address Spaces".)
 */
#ifndef FLASHLM_CONSTANT_H
#define FLASHLM_CONSTANT_H

/* C++ has no such types; there, only declarations are seen, and pointers have the same size. */
#if defined(__AVR__) && !defined(__cplusplus)

#define FLASHLM_CONSTANT __flash

/** A text that is written down: FLASHLM_TEXT("like this"). */
#define FLASHLM_TEXT(literal)                                      \
    (__extension__({                                               \
        static const FLASHLM_CONSTANT char text_in_flash[] = literal; \
        (flashlm_text) text_in_flash;                              \
    }))

#else

#define FLASHLM_CONSTANT
#define FLASHLM_TEXT(literal) (literal)

#endif

/** Text that ends with a zero, and is never written. */
typedef const FLASHLM_CONSTANT char *flashlm_text;

#endif
