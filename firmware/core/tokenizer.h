/*
 * Text to tokens and back.
 *
 * The vocabulary holds every byte and the pieces that the tokenizer learned; a text is cut into the longest pieces
 * that fit, from left to right. docs/image-format.md, "Pieces".
 */
#ifndef FLASHLM_TOKENIZER_H
#define FLASHLM_TOKENIZER_H

#include <stdint.h>

#include "read.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The token of the longest piece that the text begins with.
 *
 * @param count bytes of the text, at least 1
 * @param length receives the bytes of the piece
 */
uint32_t flashlm_encode_next(flashlm_place image, const uint8_t *text, uint32_t count, uint32_t *length);

/** The bytes of a token's piece, in the image; `length` receives their number, 0 for end-of-story. */
const uint8_t *flashlm_decode(flashlm_place image, uint32_t token, uint32_t *length);

#ifdef __cplusplus
}
#endif

#endif
