#include "stage.h"

#if FLASHLM_STAGED_BYTES > 0

static uint32_t staged[FLASHLM_STAGED_BYTES / 4] FLASHLM_STAGED_PLACE;

void flashlm_stage(const uint8_t *image) {
    const uint32_t *from = (const uint32_t *)(const void *)(image + FLASHLM_STAGED_FROM);
    uint32_t word;
    for (word = 0; word < FLASHLM_STAGED_BYTES / 4; word++) {
        staged[word] = from[word];
    }
}

const uint8_t *flashlm_staged_weights(void) {
    return (const uint8_t *)staged;
}

#else

/* C wants something in every file. */
typedef int flashlm_nothing_is_staged;

#endif
