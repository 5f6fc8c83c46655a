/*
 * What the core knows about its model.
 *
 * The dimensions are constants of the generated header, so that every array has a fixed size and the compiler sees
 * every loop bound. What differs from block to block, and where things lie in the image, is the generated table
 * `flashlm_blocks`. The weights themselves stay in the image (docs/image-format.md) and are read where they lie.
 */
#ifndef FLASHLM_CORE_MODEL_H
#define FLASHLM_CORE_MODEL_H

#include <stdint.h>

#include "../model/flashlm_model.h"
#include "constant.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Largest magnitude in the residual stream, which has 16 fraction bits. */
#define FLASHLM_RESIDUAL_LIMIT (((int32_t)1 << 30) - 1)

/** Largest magnitude of gates, values and the output of the convolution's inputs: what 16 bits hold. */
#define FLASHLM_VALUE_LIMIT ((int32_t)32767)

/** Largest magnitude of a logit, which has 16 fraction bits. */
#define FLASHLM_LOGIT_LIMIT ((int32_t)1 << 30)

/** Whether the head may leave out logits that could not change a choice: clusters or a screen say which. */
#define FLASHLM_LEAVES_OUT (FLASHLM_CLUSTERS > 0 || FLASHLM_SCREEN_STAGES > 0)

/** The token that begins and ends every story. */
#define FLASHLM_END_OF_STORY 0u

/** Slots of a block's memory, those of all its heads; 0 in a model without one. */
#define FLASHLM_MEMORY_COUNT (FLASHLM_MEMORY_HEADS * FLASHLM_MEMORY_SLOTS)

/** Rows of a mixer's first matrix: gates and values, and the memory's reads and writes. */
#define FLASHLM_MIXER_ROWS (2 * FLASHLM_DIMENSION + 2 * FLASHLM_MEMORY_COUNT)

/** Takes accumulators to a target format: "fixed-point scale" in docs/arithmetic.md, section 1. */
struct flashlm_scale {
    uint8_t left_shift;
    uint16_t multiplier;
    int16_t right_shift;
};

/** One block: where its weights lie in the image, in bytes from its start, and how its numbers are scaled. */
struct flashlm_block {
    uint32_t norm1;       /* int16 [d] */
    uint32_t mixer_up;    /* packed ternary [2d + 2m x d]: gate, value, read and write rows */
    uint32_t convolution; /* int16 [K x d]: the last row meets the newest token */
#if FLASHLM_MEMORY_HEADS > 0
    uint32_t write_bias;  /* int16 [m] */
#endif
    uint32_t mixer_down;  /* packed ternary [d x d] */
    uint32_t norm2;       /* int16 [d] */
    uint32_t ffn_in;      /* packed ternary [2h x d]: gate rows, then up rows */
    uint32_t ffn_down;    /* packed ternary [d x h] */
    struct flashlm_scale mixer_up_scale;
    struct flashlm_scale mixer_down_scale;
    struct flashlm_scale ffn_gate_scale;
    struct flashlm_scale ffn_up_scale;
    struct flashlm_scale ffn_down_scale;
    uint8_t mixer_fraction_bits;
    uint8_t gate_fraction_bits;
};

extern const FLASHLM_CONSTANT struct flashlm_block flashlm_blocks[FLASHLM_BLOCKS];

#if FLASHLM_SCREEN_STAGES > 0

/** One stage of the head's screen: screen.h. */
struct flashlm_screen_stage {
    uint32_t offset;  /* of its records in the image, in bytes */
    uint32_t records; /* it has the first so many; the first stage has one for each token */
    uint32_t columns; /* codes in a record, a multiple of 4 */
};

extern const FLASHLM_CONSTANT struct flashlm_screen_stage flashlm_screen_stages[FLASHLM_SCREEN_STAGES];

#endif

#ifdef __cplusplus
}
#endif

#endif
