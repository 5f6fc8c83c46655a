#include "words.h"

#define LARGEST ((uint32_t)0xFFFFFFFFu)

static void skip(struct flashlm_words *words, uint32_t count) {
    words->text += count;
    words->count -= count;
}

int flashlm_words_end(struct flashlm_words *words) {
    while (words->count > 0 && words->text[0] == ' ') {
        skip(words, 1);
    }
    return words->count == 0;
}

/* Bytes up to the next space. */
static uint32_t word_length(const struct flashlm_words *words) {
    uint32_t length = 0;
    while (length < words->count && words->text[length] != ' ') {
        length++;
    }
    return length;
}

int flashlm_words_take(struct flashlm_words *words, flashlm_text word) {
    uint32_t length;
    uint32_t i;
    flashlm_words_end(words);
    length = word_length(words);
    for (i = 0; i < length; i++) {
        uint8_t wanted = flashlm_character(word, i);
        if (wanted == '\0' || words->text[i] != wanted) {
            return 0;
        }
    }
    if (flashlm_character(word, length) != '\0') {
        return 0;
    }
    skip(words, length);
    return 1;
}

/* number = number * 10 + digit; 0 where that exceeds 32 bits. */
static int append_digit(uint32_t *number, uint32_t digit) {
    if (*number > (LARGEST - digit) / 10) {
        return 0;
    }
    *number = *number * 10 + digit;
    return 1;
}

int flashlm_words_number(struct flashlm_words *words, uint32_t digits, uint32_t *number) {
    uint32_t length;
    uint32_t decimals = 0;
    uint32_t seen = 0;
    int after_point = 0;
    uint32_t i;
    flashlm_words_end(words);
    length = word_length(words);
    *number = 0;
    for (i = 0; i < length; i++) {
        uint8_t byte = words->text[i];
        if (byte == '.' && !after_point && digits > 0) {
            after_point = 1;
            continue;
        }
        if (byte < '0' || byte > '9' || (after_point && decimals == digits) || !append_digit(number, byte - (uint32_t)'0')) {
            return 0;
        }
        seen++;
        decimals += (uint32_t)after_point;
    }
    for (; decimals < digits; decimals++) {
        if (!append_digit(number, 0)) {
            return 0;
        }
    }
    skip(words, length);
    return seen > 0;
}
