#include "story.h"

#include "checksum.h"
#include "head.h"
#include "tokenizer.h"

/* Logits that are in memory at a time; a multiple of four, which the head computes together. */
#define LOGITS_AT_A_TIME 64u

void flashlm_story_start(struct flashlm_story *story, const uint8_t *image, const struct flashlm_settings *settings,
                         const uint8_t *prompt, uint32_t prompt_bytes, int with_checksums) {
    flashlm_begin(&story->state, image);
    flashlm_sampler_start(&story->sampler, settings->seed, settings->thousandths, settings->top_k);
    story->prompt = prompt;
    story->prompt_bytes = prompt_bytes;
    story->limit = settings->tokens;
    story->token = FLASHLM_END_OF_STORY;
    story->sampled = 0;
    story->complete = 0;
    story->with_checksums = with_checksums;
    story->checksum = FLASHLM_HASH_START;
    story->run_checksum = FLASHLM_HASH_START;
}

static uint32_t hash_words(uint32_t hash, const int32_t *words, uint32_t count) {
    uint32_t i;
    for (i = 0; i < count; i++) {
        hash = flashlm_hash_word(hash, (uint32_t)words[i]);
    }
    return hash;
}

/* Computes the logits a few at a time and shows them to whoever needs them: the sampler, the checksum. */
static void run_head(struct flashlm_story *story) {
    int32_t logits[LOGITS_AT_A_TIME];
    uint32_t hash = FLASHLM_HASH_START;
    uint32_t first;
    flashlm_sampler_clear(&story->sampler);
    for (first = 0; first < FLASHLM_VOCABULARY; first += LOGITS_AT_A_TIME) {
        uint32_t left = FLASHLM_VOCABULARY - first;
        uint32_t count = left < LOGITS_AT_A_TIME ? left : LOGITS_AT_A_TIME;
        flashlm_logits(&story->state, first, count, logits);
        flashlm_sampler_offer(&story->sampler, first, logits, count);
        if (story->with_checksums) {
            hash = hash_words(hash, logits, count);
        }
    }
    story->checksum = hash;
    story->run_checksum = flashlm_hash_word(story->run_checksum, hash);
}

static void take_from_prompt(struct flashlm_story *story) {
    uint32_t length;
    story->token = flashlm_encode_next(story->state.image, story->prompt, story->prompt_bytes, &length);
    story->prompt += length;
    story->prompt_bytes -= length;
}

static void sample(struct flashlm_story *story) {
    story->token = flashlm_sampler_choose(&story->sampler);
    story->sampled++;
    story->complete = story->token == FLASHLM_END_OF_STORY || story->sampled == story->limit;
}

void flashlm_story_step(struct flashlm_story *story) {
    int samples = story->prompt_bytes == 0 && !story->complete;
    flashlm_step(&story->state, story->token);
    if (samples || story->with_checksums) {
        run_head(story);
    }
    if (samples) {
        sample(story);
    } else if (story->prompt_bytes > 0) {
        take_from_prompt(story);
    }
}
