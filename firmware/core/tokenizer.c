#include "tokenizer.h"

#include "model.h"

/* Token 0 is end-of-story, tokens 1..256 are the bytes; the learned pieces follow, sorted by their bytes. */
#define FIRST_BYTE_TOKEN 1u
#define FIRST_LEARNED_TOKEN 257u

const uint8_t *flashlm_decode(flashlm_place image, uint32_t token, uint32_t *length) {
    flashlm_place entry = image + FLASHLM_OFFSET_PIECE_OFFSETS + 4 * token;
    uint32_t offset = flashlm_read_word(entry);
    *length = flashlm_read_word(entry + 4) - offset;
    return (const uint8_t *)flashlm_read(image + FLASHLM_OFFSET_PIECE_BYTES + offset, *length);
}

/* Whether a piece's byte at the depth is below the given one; a piece that ends before it is. */
static int is_below(flashlm_place image, uint32_t token, uint32_t depth, uint32_t byte) {
    uint32_t length;
    const uint8_t *piece = flashlm_decode(image, token, &length);
    return depth >= length || piece[depth] < byte;
}

/* The first token of low..high whose byte at the depth is not below the given one. All of them agree before it. */
static uint32_t first_not_below(flashlm_place image, uint32_t low, uint32_t high, uint32_t depth, uint32_t byte) {
    while (low < high) {
        uint32_t middle = low + ((high - low) >> 1);
        if (is_below(image, middle, depth, byte)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/*
 * The pieces that begin with the bytes read so far are neighbours: low..high - 1. Each byte of the text narrows that
 * range, and the shortest piece of it comes first, so it alone can end where the text has been read to.
 */
uint32_t flashlm_encode_next(flashlm_place image, const uint8_t *text, uint32_t count, uint32_t *length) {
    uint32_t best = FIRST_BYTE_TOKEN + text[0];
    uint32_t low = FIRST_LEARNED_TOKEN;
    uint32_t high = FLASHLM_VOCABULARY;
    uint32_t depth;
    *length = 1;
    for (depth = 0; depth < count; depth++) {
        uint32_t piece_length;
        low = first_not_below(image, low, high, depth, text[depth]);
        high = first_not_below(image, low, high, depth, (uint32_t)text[depth] + 1);
        if (low == high) {
            break;
        }
        flashlm_decode(image, low, &piece_length);
        if (piece_length == depth + 1) {
            best = low;
            *length = piece_length;
        }
    }
    return best;
}
