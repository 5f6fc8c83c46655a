#include "image.h"

#include "checksum.h"
#include "model.h"

#define HEADER_BYTES 112u
#define ENTRY_BYTES 32u
#define KINDS 25u

/* Byte offsets of what is read here: of the header, and of an entry of the section table. */
#define HEADER_VERSION 8u
#define HEADER_CRC 12u
#define HEADER_IMAGE_BYTES 16u
#define HEADER_SECTION_COUNT 20u
#define HEADER_FINGERPRINT 24u
#define ENTRY_KIND 0u
#define ENTRY_BLOCK 4u
#define ENTRY_OFFSET 8u
#define ENTRY_LENGTH 12u
#define ENTRY_CRC 24u

/* The longest is "embedding_multiplier". */
#define NAME_BYTES 21

static const FLASHLM_CONSTANT char header_name[] FLASHLM_TEXT_PLACE = "header";
static const FLASHLM_CONSTANT char section_names[KINDS][NAME_BYTES] FLASHLM_TEXT_PLACE = {
    "",           "fixed_point",        "piece_offsets", "piece_bytes",   "embedding_multiplier",
    "embedding",  "norm1",              "mixer_up",      "convolution",   "mixer_down",
    "norm2",      "ffn_in",             "ffn_down",      "final_norm",    "write_bias",
    "cluster_multiplier", "clusters",   "cluster_start", "token_of_row",  "row_of_token",
    "screen_numbers", "screen_shift",   "screen_transform", "screen_tokens", "screen_stage",
};

static int begins_with_magic(flashlm_place image) {
    static const uint8_t magic[8] = {'F', 'L', 'A', 'S', 'H', 'L', 'M', 0};
    const uint8_t *bytes = (const uint8_t *)flashlm_read(image, sizeof magic);
    uint32_t i;
    for (i = 0; i < sizeof magic; i++) {
        if (bytes[i] != magic[i]) {
            return 0;
        }
    }
    return 1;
}

/* The checksum of what lies at a place, after that of what comes before it. */
static uint32_t read_checksum(uint32_t crc, flashlm_place place, uint32_t bytes) {
    while (bytes > 0) {
        uint32_t turn = flashlm_at_once(bytes, 1);
        crc = flashlm_crc32(crc, (const uint8_t *)flashlm_read(place, turn), turn);
        place += turn;
        bytes -= turn;
    }
    return crc;
}

/* The header's CRC counts itself as four zeros. The generated constants guard the lengths before they are used. */
static int header_is_whole(flashlm_place image) {
    static const uint8_t zeros[4] = {0, 0, 0, 0};
    uint32_t table_end = HEADER_BYTES + FLASHLM_SECTIONS * ENTRY_BYTES;
    uint32_t crc;
    if (!begins_with_magic(image) || flashlm_read_word(image + HEADER_VERSION) != 1 ||
        flashlm_read_word(image + HEADER_IMAGE_BYTES) != FLASHLM_IMAGE_BYTES ||
        flashlm_read_word(image + HEADER_SECTION_COUNT) != FLASHLM_SECTIONS ||
        flashlm_read_word(image + HEADER_FINGERPRINT) != FLASHLM_FINGERPRINT) {
        return 0;
    }
    crc = read_checksum(0, image, HEADER_CRC);
    crc = flashlm_crc32(crc, zeros, sizeof zeros);
    crc = read_checksum(crc, image + HEADER_IMAGE_BYTES, table_end - HEADER_IMAGE_BYTES);
    return crc == flashlm_read_word(image + HEADER_CRC);
}

int flashlm_image_check(flashlm_place image, struct flashlm_damage *damage) {
    uint32_t i;
    damage->section = header_name;
    damage->block = -1;
    if (!header_is_whole(image)) {
        return 0;
    }
    for (i = 0; i < FLASHLM_SECTIONS; i++) {
        flashlm_place entry = image + HEADER_BYTES + i * ENTRY_BYTES;
        flashlm_place section = image + flashlm_read_word(entry + ENTRY_OFFSET);
        uint32_t kind = flashlm_read_word(entry + ENTRY_KIND);
        uint32_t length = flashlm_read_word(entry + ENTRY_LENGTH);
        if (read_checksum(0, section, length) != flashlm_read_word(entry + ENTRY_CRC)) {
            damage->section = section_names[kind < KINDS ? kind : 0];
            damage->block = (int32_t)flashlm_read_word(entry + ENTRY_BLOCK);
            return 0;
        }
    }
    return 1;
}
