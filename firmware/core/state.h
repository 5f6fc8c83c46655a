/*
 * Everything that the model remembers and works with: one struct of fixed size, no heap.
 *
 * What lasts from token to token is `history`, the last K - 1 values of each block's convolution, and `memory`. The
 * rest is rewritten by every step.
 */
#ifndef FLASHLM_STATE_H
#define FLASHLM_STATE_H

#include <stdint.h>

#include "kernel.h"
#include "model.h"
#include "probe.h"

#ifdef __cplusplus
extern "C" {
#endif

#if FLASHLM_DIMENSION > FLASHLM_HIDDEN
#define FLASHLM_WIDEST FLASHLM_DIMENSION
#else
#define FLASHLM_WIDEST FLASHLM_HIDDEN
#endif

#define FLASHLM_LARGER(a, b) ((a) > (b) ? (a) : (b))

/**
 * What the work buffer holds at a time: the rows of the longest matrix; or, in the head, the logits of all clusters and
 * of the tokens of one.
 */
#define FLASHLM_WORK_COUNT                                                           \
    FLASHLM_LARGER(FLASHLM_LARGER(2 * FLASHLM_HIDDEN, FLASHLM_MIXER_ROWS), \
                   FLASHLM_CLUSTERS + FLASHLM_LARGEST_CLUSTER)

/** The longest vector that enters a matrix, rounded up to whole quads, which kernels may read. */
#define FLASHLM_ACTIVATION_COUNT \
    ((FLASHLM_WIDEST + FLASHLM_QUAD_COLUMNS - 1) / FLASHLM_QUAD_COLUMNS * FLASHLM_QUAD_COLUMNS)

/** Rows of the past that the convolution sees; an array needs one even where there are none. */
#define FLASHLM_HISTORY_ROWS (FLASHLM_TAPS > 1 ? FLASHLM_TAPS - 1 : 1)

struct flashlm_state {
    const uint8_t *image;                           /* docs/image-format.md, aligned to 4 bytes */
    struct flashlm_probe_hook probe;
    int32_t residual[FLASHLM_DIMENSION];            /* 16 fraction bits */
    int32_t work[FLASHLM_WORK_COUNT];               /* accumulators, and what replaces them in place */
    int16_t activations[FLASHLM_ACTIVATION_COUNT];  /* what enters the next matrix: value * 2^exponent */
    int32_t exponent;
    int16_t history[FLASHLM_BLOCKS][FLASHLM_HISTORY_ROWS][FLASHLM_DIMENSION]; /* a ring of rows for each block */
    uint32_t oldest;                                /* row of the ring that the next token replaces */
#if FLASHLM_MEMORY_HEADS > 0
    int32_t memory[FLASHLM_BLOCKS][FLASHLM_DIMENSION][FLASHLM_MEMORY_SLOTS]; /* for each channel its head's slots */
#endif
};

/** Numbers of 16 bits in the image, at an even offset. */
static inline const int16_t *flashlm_image_shorts(const struct flashlm_state *state, uint32_t offset) {
    return (const int16_t *)(const void *)(state->image + offset);
}

/** The same for unsigned numbers. */
static inline const uint16_t *flashlm_image_unsigned_shorts(const struct flashlm_state *state, uint32_t offset) {
    return (const uint16_t *)(const void *)(state->image + offset);
}

#ifdef __cplusplus
}
#endif

#endif
