/*
 * Weights that lie in RAM: where there is room, the first blocks are copied there before a story begins, because RAM is
 * read faster than flash. Every token reads every block once, so it does not matter which ones they are.
 */
#ifndef FLASHLM_STAGE_H
#define FLASHLM_STAGE_H

#include <stdint.h>

#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

#if FLASHLM_STAGED_BYTES > 0

/** Copies bytes FLASHLM_STAGED_FROM.. of the image, FLASHLM_STAGED_BYTES of them, into RAM. */
void flashlm_stage(const uint8_t *image);

/** The copy, aligned like the image. */
const uint8_t *flashlm_staged_weights(void);

#endif

#ifdef __cplusplus
}
#endif

#endif
