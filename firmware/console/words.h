/*
 * Reads the words of a command: `/temp 0.8` is a name and a number.
 */
#ifndef FLASHLM_WORDS_H
#define FLASHLM_WORDS_H

#include <stdint.h>

#include "../core/constant.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What is left of a line. */
struct flashlm_words {
    const uint8_t *text;
    uint32_t count;
};

/** Drops the spaces that come next; 1 if nothing is left after them. */
int flashlm_words_end(struct flashlm_words *words);

/** Takes the next word if it is the given one; 1 if it was. */
int flashlm_words_take(struct flashlm_words *words, flashlm_text word);

/**
 * Takes the next word as a decimal number times 10^digits: with digits = 3, "0.8" gives 800.
 *
 * @return 1; or 0, where the word is no such number, has more digits after the point, or exceeds 32 bits
 */
int flashlm_words_number(struct flashlm_words *words, uint32_t digits, uint32_t *number);

#ifdef __cplusplus
}
#endif

#endif
