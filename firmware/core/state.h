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
#include "read.h"
#include "stage.h"

#ifdef __cplusplus
extern "C" {
#endif

#if FLASHLM_DIMENSION > FLASHLM_HIDDEN
#define FLASHLM_WIDEST FLASHLM_DIMENSION
#else
#define FLASHLM_WIDEST FLASHLM_HIDDEN
#endif

#define FLASHLM_LARGER(a, b) ((a) > (b) ? (a) : (b))

#if FLASHLM_SCREEN_STAGES > 0

/** Records that wait at a stage of the screen: those of one turn, and what was left of the one before. */
#define FLASHLM_SCREEN_TURN 16
#define FLASHLM_SCREEN_LIST (FLASHLM_SCREEN_TURN + 4 * FLASHLM_SCREEN_STAGES)

/** Coordinates and activations, and two lists for each stage. */
#define FLASHLM_SCREEN_WORK_COUNT (2 * FLASHLM_DIMENSION + 2 * FLASHLM_SCREEN_STAGES * FLASHLM_SCREEN_LIST)

#else
#define FLASHLM_SCREEN_WORK_COUNT 0
#endif

#if FLASHLM_CLUSTERS > 0
#define FLASHLM_LOGIT_COUNT (FLASHLM_CLUSTERS + FLASHLM_LARGEST_CLUSTER)
#else

/** Logits that are in memory at a time; a multiple of four, which the head computes together. */
#define FLASHLM_LOGITS_AT_A_TIME 64

#define FLASHLM_LOGIT_COUNT FLASHLM_LARGER(FLASHLM_LOGITS_AT_A_TIME, FLASHLM_SCREEN_WORK_COUNT)
#endif

/**
 * What the work buffer holds at a time: the rows of the longest matrix; or, in the head, the logits of all clusters and
 * of the tokens of one, those of some tokens, or what the screen works with.
 */
#define FLASHLM_WORK_COUNT \
    FLASHLM_LARGER(FLASHLM_LARGER(2 * FLASHLM_HIDDEN, FLASHLM_MIXER_ROWS), FLASHLM_LOGIT_COUNT)

/** The longest vector that enters a matrix, rounded up to whole quads, which kernels may read. */
#define FLASHLM_ACTIVATION_COUNT \
    ((FLASHLM_WIDEST + FLASHLM_QUAD_COLUMNS - 1) / FLASHLM_QUAD_COLUMNS * FLASHLM_QUAD_COLUMNS)

/** Rows of the past that the convolution sees; an array needs one even where there are none. */
#define FLASHLM_HISTORY_ROWS (FLASHLM_TAPS > 1 ? FLASHLM_TAPS - 1 : 1)

struct flashlm_state {
    flashlm_place image;                            /* docs/image-format.md, aligned to 4 bytes */
    struct flashlm_probe_hook probe;
    int32_t residual[FLASHLM_DIMENSION];            /* 16 fraction bits */
    int32_t work[FLASHLM_WORK_COUNT];               /* accumulators, and what replaces them in place */
    int16_t activations[FLASHLM_ACTIVATION_COUNT];  /* what enters the next matrix: value * 2^exponent */
    int32_t exponent;
#if FLASHLM_SCREEN_STAGES > 0
    uint32_t screen_kilobytes;                      /* of the screen's records, read so far; of each token to nearest */
#endif
    int16_t history[FLASHLM_BLOCKS][FLASHLM_HISTORY_ROWS][FLASHLM_DIMENSION]; /* a ring of rows for each block */
    uint32_t oldest;                                /* row of the ring that the next token replaces */
#if FLASHLM_MEMORY_HEADS > 0
    int32_t memory[FLASHLM_BLOCKS][FLASHLM_DIMENSION][FLASHLM_MEMORY_SLOTS]; /* for each channel its head's slots */
#endif
};

/** Weights of a block, or what follows the blocks, by their offset in the image: from RAM where they are staged. */
static inline flashlm_place flashlm_weights(const struct flashlm_state *state, uint32_t offset) {
#if FLASHLM_STAGED_BYTES > 0
    uint32_t place = offset - FLASHLM_STAGED_FROM; /* wraps around for what lies before */
    if (place < FLASHLM_STAGED_BYTES) {
        return flashlm_staged_weights() + place;
    }
#endif
    return state->image + offset;
}

/** The same where they are numbers of 16 bits, read at once: `count` of them, at an even offset. */
static inline const int16_t *flashlm_weight_shorts(const struct flashlm_state *state, uint32_t offset, uint32_t count) {
    return (const int16_t *)flashlm_read(flashlm_weights(state, offset), 2 * count);
}

#ifdef __cplusplus
}
#endif

#endif
