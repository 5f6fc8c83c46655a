/*
 * A story, step by step: docs/arithmetic.md, section 8.
 *
 *     flashlm_story_start(&story, image, &settings, prompt, bytes);
 *     while (!story.complete) {
 *         flashlm_story_step(&story);
 *         if (story.sampled > already_seen) { ... story.token is new ... }
 *     }
 */
#ifndef FLASHLM_STORY_H
#define FLASHLM_STORY_H

#include "forward.h"
#include "sampler.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a story is told. */
struct flashlm_settings {
    uint32_t seed;
    uint16_t thousandths; /* temperature times 1000: 0, or 100..10000 */
    uint16_t top_k;       /* 1..FLASHLM_MOST_CANDIDATES */
    uint16_t tokens;      /* most tokens that are sampled, at least 1 */
};

struct flashlm_story {
    struct flashlm_state state;
    struct flashlm_sampler sampler;
    const uint8_t *prompt;     /* what is left of the prompt */
    uint32_t prompt_bytes;
    uint32_t limit;            /* most tokens that are sampled */
    uint32_t token;            /* the token that the next step feeds */
    uint32_t sampled;          /* tokens sampled so far */
    uint32_t rows_read;        /* of the embedding, by the output head, for all logits so far */
    int complete;              /* no token will be sampled any more */
    int with_checksums;        /* compute the logits of every step, for their checksum */
    uint32_t checksum;         /* of the logits of the last step, if with_checksums */
    uint32_t run_checksum;     /* of the checksums of all steps so far */
};

/**
 * Begins a story.
 *
 * @param prompt must stay in place until it has been fed
 * @param with_checksums whether each step computes its checksum, which takes the output head within the prompt too
 */
void flashlm_story_start(struct flashlm_story *story, flashlm_place image, const struct flashlm_settings *settings,
                         const uint8_t *prompt, uint32_t prompt_bytes, int with_checksums);

/**
 * Feeds story->token, and puts the token to be fed next in its place: the prompt's next, or a sampled one. The step
 * that follows completion feeds the last token, for its checksum; there is none after it.
 */
void flashlm_story_step(struct flashlm_story *story);

#ifdef __cplusplus
}
#endif

#endif
