/*
 * How the image is read.
 *
 * On most chips flash is mapped into memory: a place in the image is a pointer, reading costs nothing, and as much can be
 * had at once as anybody wants. On others (FLASHLM_PAGE_BYTES > 0) a place is a number, and the port copies what is read
 * into the page, a small buffer. There whoever reads has to be done with it before the next reading: so the core reads
 * everything in order, and a piece at a time.
 */
#ifndef FLASHLM_READ_H
#define FLASHLM_READ_H

#include <stdint.h>

#include "../model/flashlm_model.h"
#include "../ports/port.h"

#ifdef __cplusplus
extern "C" {
#endif

#if FLASHLM_PAGE_BYTES > 0

/** Where something lies in the image, in bytes from its start. */
typedef uint32_t flashlm_place;

/** The image's first byte. */
static inline flashlm_place flashlm_image_start(void) {
    return 0;
}

/**
 * The bytes from a place on, until the next call.
 *
 * @param bytes at most FLASHLM_PAGE_BYTES
 * @return aligned like the place, up to 4 bytes
 */
const void *flashlm_read(flashlm_place place, uint32_t bytes);

/** How many of so many things can be read at once: those that the page holds. */
static inline uint32_t flashlm_at_once(uint32_t count, uint32_t bytes_of_each) {
    uint32_t most = FLASHLM_PAGE_BYTES / bytes_of_each;
    return count < most ? count : most;
}

#else

typedef const uint8_t *flashlm_place;

static inline flashlm_place flashlm_image_start(void) {
    return flashlm_port_image();
}

static inline const void *flashlm_read(flashlm_place place, uint32_t bytes) {
    (void)bytes;
    return place;
}

static inline uint32_t flashlm_at_once(uint32_t count, uint32_t bytes_of_each) {
    (void)bytes_of_each;
    return count;
}

#endif

/** One unsigned number of 16 bits, at an even place. */
static inline uint16_t flashlm_read_short(flashlm_place place) {
    return *(const uint16_t *)flashlm_read(place, sizeof(uint16_t));
}

/** One unsigned number of 32 bits, at a multiple of 4. */
static inline uint32_t flashlm_read_word(flashlm_place place) {
    return *(const uint32_t *)flashlm_read(place, sizeof(uint32_t));
}

#ifdef __cplusplus
}
#endif

#endif
