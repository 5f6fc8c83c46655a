/*
 * The two functions of the C library that a compiler calls on its own, for programs that have no C library.
 *
 * Compile with -fno-tree-loop-distribute-patterns: otherwise GCC recognises the loops and replaces each by a call of
 * the very function that it stands in.
 */
#include <stddef.h>

void *memset(void *destination, int value, size_t count);
void *memcpy(void *destination, const void *source, size_t count);

void *memset(void *destination, int value, size_t count) {
    unsigned char *to = (unsigned char *)destination;
    while (count-- > 0) {
        *to++ = (unsigned char)value;
    }
    return destination;
}

void *memcpy(void *destination, const void *source, size_t count) {
    unsigned char *to = (unsigned char *)destination;
    const unsigned char *from = (const unsigned char *)source;
    while (count-- > 0) {
        *to++ = *from++;
    }
    return destination;
}
