/*
 * The memory behind a mixer's convolution: what a token keeps for all that follow.
 *
 * A head owns neighbouring channels, and for each of them a few slots. Every token moves each slot a part of the way
 * towards the channel's new value, by the slot's own write gate, and then adds up the slots as far as it reads them:
 *
 *     slot += write * (value - slot),   value += sum over the slots of read * slot
 *
 * docs/arithmetic.md, section 6, "with memory".
 */
#ifndef FLASHLM_MEMORY_H
#define FLASHLM_MEMORY_H

#include "state.h"

#ifdef __cplusplus
extern "C" {
#endif

#if FLASHLM_MEMORY_HEADS > 0

/** What a token asks of a block's memory: the last rows of the mixer's first matrix, rescaled. */
struct flashlm_memory_gates {
    const int32_t *reads;  /* [m], m = FLASHLM_MEMORY_COUNT */
    const int32_t *writes; /* [m], before bias and sigmoid */
};

/**
 * Writes the convolution's values into a block's memory, and adds to them what is read from it.
 *
 * @param values [d]: c of docs/arithmetic.md, replaced by o
 */
void flashlm_remember(struct flashlm_state *state, uint32_t number, const struct flashlm_memory_gates *gates,
                      int32_t *values);

#endif

/** Empties the memories of all blocks; a model without any has nothing to forget. */
void flashlm_forget(struct flashlm_state *state);

#ifdef __cplusplus
}
#endif

#endif
