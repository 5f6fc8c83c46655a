/*
 * A view into one step: every intermediate vector can be shown to a function as soon as it is complete.
 *
 * This is how a mismatch between chip and computer is traced to the first differing layer and element. Nothing is
 * computed or stored for it, so it costs one comparison per vector when no probe is set.
 */
#ifndef FLASHLM_PROBE_H
#define FLASHLM_PROBE_H

#include <stdint.h>

#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The vectors of a step in order of computation; from NORM1 to FFN_RESIDUAL they come once for each block. */
enum flashlm_probe_name {
    FLASHLM_PROBE_EMBEDDING,
    FLASHLM_PROBE_NORM1,
    FLASHLM_PROBE_MIXER_UP,
    FLASHLM_PROBE_MIXER_GATES,
    FLASHLM_PROBE_CONVOLUTION,
#if FLASHLM_MEMORY_HEADS > 0
    FLASHLM_PROBE_MEMORY,
#endif
    FLASHLM_PROBE_MIXER_PRODUCT,
    FLASHLM_PROBE_MIXER_DOWN,
    FLASHLM_PROBE_MIXER_RESIDUAL,
    FLASHLM_PROBE_NORM2,
    FLASHLM_PROBE_FFN_IN,
    FLASHLM_PROBE_FFN_PRODUCT,
    FLASHLM_PROBE_FFN_DOWN,
    FLASHLM_PROBE_FFN_RESIDUAL,
    FLASHLM_PROBE_FINAL_NORM
};

#define FLASHLM_PROBES_OF_A_BLOCK ((uint32_t)FLASHLM_PROBE_FFN_RESIDUAL)

/** One intermediate vector. */
struct flashlm_probe {
    uint32_t point;       /* number in order of computation, from 0 */
    int32_t block;        /* -1 outside the blocks */
    flashlm_text name;    /* as in docs/console.md */
    uint32_t count;       /* elements */
    const int16_t *short_values; /* the elements, or NULL where they are in values */
    const int32_t *values;
};

/** Called for each intermediate vector; the vector is valid during the call only. */
typedef void (*flashlm_probe_function)(void *context, const struct flashlm_probe *probe);

struct flashlm_probe_hook {
    flashlm_probe_function function; /* NULL: no probe */
    void *context;
};

/** Element i of the vector. */
int32_t flashlm_probe_element(const struct flashlm_probe *probe, uint32_t i);

/** Shows a vector of 32-bit elements to the hook, if one is set. */
void flashlm_probe_show(const struct flashlm_probe_hook *hook, enum flashlm_probe_name name, int32_t block,
                        const int32_t *values, uint32_t count);

/** Shows a vector of 16-bit elements to the hook, if one is set. */
void flashlm_probe_show_short(const struct flashlm_probe_hook *hook, enum flashlm_probe_name name, int32_t block,
                              const int16_t *values, uint32_t count);

#ifdef __cplusplus
}
#endif

#endif
