#include "read.h"

#if FLASHLM_PAGE_BYTES > 0

/* Ports copy whole words; what is wanted may begin and end within one. */
#define WORD_BYTES 4u

static uint32_t page[FLASHLM_PAGE_BYTES / WORD_BYTES + 1];

const void *flashlm_read(flashlm_place place, uint32_t bytes) {
    uint32_t within = place % WORD_BYTES;
    uint32_t words = (within + bytes + WORD_BYTES - 1) / WORD_BYTES;
    flashlm_port_read(place - within, page, words * WORD_BYTES);
    return (const uint8_t *)page + within;
}

#else

/* C wants something in every file. */
typedef int flashlm_nothing_is_copied;

#endif
