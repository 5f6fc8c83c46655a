#include "story.h"

#include <stddef.h>

#include "checksum.h"
#include "prediction.h"
#include "tokenizer.h"

void flashlm_story_start(struct flashlm_story *story, flashlm_place image, const struct flashlm_settings *settings,
                         const uint8_t *prompt, uint32_t prompt_bytes, int with_checksums) {
    flashlm_begin(&story->state, image);
    flashlm_sampler_start(&story->sampler, settings->seed, settings->thousandths, settings->top_k);
    story->prompt = prompt;
    story->prompt_bytes = prompt_bytes;
    story->limit = settings->tokens;
    story->token = FLASHLM_END_OF_STORY;
    story->sampled = 0;
    story->rows_read = 0;
    story->complete = 0;
    story->with_checksums = with_checksums;
    story->checksum = FLASHLM_HASH_START;
    story->run_checksum = FLASHLM_HASH_START;
}

static void run_head(struct flashlm_story *story) {
    flashlm_sampler_clear(&story->sampler);
    story->rows_read +=
        flashlm_predict(&story->state, &story->sampler, story->with_checksums ? &story->checksum : NULL);
    story->run_checksum = flashlm_hash_word(story->run_checksum, story->checksum);
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
