#include "image.h"

#include "checksum.h"
#include "model.h"

#define HEADER_BYTES 112u
#define ENTRY_BYTES 32u
#define KINDS 20u

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

static const char *const section_names[KINDS] = {
    "",           "fixed_point",        "piece_offsets", "piece_bytes",   "embedding_multiplier",
    "embedding",  "norm1",              "mixer_up",      "convolution",   "mixer_down",
    "norm2",      "ffn_in",             "ffn_down",      "final_norm",    "write_bias",
    "cluster_multiplier", "clusters",   "cluster_start", "token_of_row",  "row_of_token",
};

static uint32_t read_word(const uint8_t *bytes) {
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static int begins_with_magic(const uint8_t *image) {
    static const uint8_t magic[8] = {'F', 'L', 'A', 'S', 'H', 'L', 'M', 0};
    uint32_t i;
    for (i = 0; i < sizeof magic; i++) {
        if (image[i] != magic[i]) {
            return 0;
        }
    }
    return 1;
}

/* The header's CRC counts itself as four zeros. The generated constants guard the lengths before they are used. */
static int header_is_whole(const uint8_t *image) {
    static const uint8_t zeros[4] = {0, 0, 0, 0};
    uint32_t table_end = HEADER_BYTES + FLASHLM_SECTIONS * ENTRY_BYTES;
    uint32_t crc;
    if (!begins_with_magic(image) || read_word(image + HEADER_VERSION) != 1 ||
        read_word(image + HEADER_IMAGE_BYTES) != FLASHLM_IMAGE_BYTES ||
        read_word(image + HEADER_SECTION_COUNT) != FLASHLM_SECTIONS ||
        read_word(image + HEADER_FINGERPRINT) != FLASHLM_FINGERPRINT) {
        return 0;
    }
    crc = flashlm_crc32(0, image, HEADER_CRC);
    crc = flashlm_crc32(crc, zeros, sizeof zeros);
    crc = flashlm_crc32(crc, image + HEADER_IMAGE_BYTES, table_end - HEADER_IMAGE_BYTES);
    return crc == read_word(image + HEADER_CRC);
}

int flashlm_image_check(const uint8_t *image, struct flashlm_damage *damage) {
    uint32_t i;
    damage->section = "header";
    damage->block = -1;
    if (!header_is_whole(image)) {
        return 0;
    }
    for (i = 0; i < FLASHLM_SECTIONS; i++) {
        const uint8_t *entry = image + HEADER_BYTES + i * ENTRY_BYTES;
        const uint8_t *bytes = image + read_word(entry + ENTRY_OFFSET);
        uint32_t kind = read_word(entry + ENTRY_KIND);
        if (flashlm_crc32(0, bytes, read_word(entry + ENTRY_LENGTH)) != read_word(entry + ENTRY_CRC)) {
            damage->section = section_names[kind < KINDS ? kind : 0];
            damage->block = (int32_t)read_word(entry + ENTRY_BLOCK);
            return 0;
        }
    }
    return 1;
}
