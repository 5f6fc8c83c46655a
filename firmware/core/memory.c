#include "memory.h"

#if FLASHLM_MEMORY_HEADS > 0

#include "arithmetic.h"
#include "sigmoid.h"
#include "unroll.h"

#define CHANNELS_OF_A_HEAD (FLASHLM_DIMENSION / FLASHLM_MEMORY_HEADS)

/* With 31 registers, the gates of eight slots can stay in them for all channels of a head. */
#if defined(__riscv)
#define UNROLL_SLOTS FLASHLM_UNROLL(8)
#else
#define UNROLL_SLOTS
#endif

/* The gates of one head. */
struct head_gates {
    uint16_t writes[FLASHLM_MEMORY_SLOTS]; /* 16 fraction bits: the share of the way that a slot moves */
    int16_t reads[FLASHLM_MEMORY_SLOTS];
};

static uint16_t open_write_gate(int32_t x, uint32_t fraction_bits) {
    uint32_t open = 2 * (uint32_t)flashlm_sigmoid(x, fraction_bits);
    return (uint16_t)(open > 65535 ? 65535 : open);
}

/* Moves the slots of one channel towards its value, and reads them. */
static int32_t recall(int32_t *slots, int32_t value, const struct head_gates *gates) {
    int32_t sum = 0;
    uint32_t slot;
    UNROLL_SLOTS
    for (slot = 0; slot < FLASHLM_MEMORY_SLOTS; slot++) {
        int32_t content = slots[slot];
        content += flashlm_fraction_multiply(value - content, gates->writes[slot]);
        slots[slot] = content;
        sum += flashlm_signed_multiply(content, gates->reads[slot]);
    }
    return sum;
}

void flashlm_remember(struct flashlm_state *state, uint32_t number, const struct flashlm_memory_gates *gates,
                      int32_t *values) {
    const FLASHLM_CONSTANT struct flashlm_block *block = &flashlm_blocks[number];
    const int16_t *bias = flashlm_weight_shorts(state, block->write_bias, FLASHLM_MEMORY_COUNT);
    int32_t alignment = 16 - block->mixer_fraction_bits;
    uint32_t channel = 0;
    uint32_t first;
    for (first = 0; first < FLASHLM_MEMORY_COUNT; first += FLASHLM_MEMORY_SLOTS) {
        uint32_t end = channel + CHANNELS_OF_A_HEAD;
        struct head_gates head;
        uint32_t slot;
        for (slot = 0; slot < FLASHLM_MEMORY_SLOTS; slot++) {
            head.writes[slot] =
                open_write_gate(gates->writes[first + slot] + bias[first + slot], block->mixer_fraction_bits);
            head.reads[slot] = (int16_t)gates->reads[first + slot];
        }
        for (; channel < end; channel++) {
            int32_t value = values[channel] >> FLASHLM_MEMORY_SHIFT;
            values[channel] =
                flashlm_round_shift(value, alignment) + recall(state->memory[number][channel], value, &head);
        }
    }
}

void flashlm_forget(struct flashlm_state *state) {
    uint32_t block;
    uint32_t channel;
    uint32_t slot;
    for (block = 0; block < FLASHLM_BLOCKS; block++) {
        for (channel = 0; channel < FLASHLM_DIMENSION; channel++) {
            for (slot = 0; slot < FLASHLM_MEMORY_SLOTS; slot++) {
                state->memory[block][channel][slot] = 0;
            }
        }
    }
}

#else

void flashlm_forget(struct flashlm_state *state) {
    (void)state;
}

#endif
