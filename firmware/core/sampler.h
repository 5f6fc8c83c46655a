/*
 * Chooses the next token from the logits: docs/arithmetic.md, section 8.
 *
 * The logits are offered as they are computed; the sampler keeps only the best few.
 *
 *     flashlm_sampler_start(&sampler, seed, 800, 40);
 *     for each step:
 *         flashlm_sampler_clear(&sampler);
 *         flashlm_sampler_offer(&sampler, first_token, logits, count);
 *         token = flashlm_sampler_choose(&sampler);
 */
#ifndef FLASHLM_SAMPLER_H
#define FLASHLM_SAMPLER_H

#include <stdint.h>

#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FLASHLM_MOST_CANDIDATES 64

struct flashlm_sampler {
    uint32_t random;              /* state of the generator */
    int32_t reach;                /* how far below the largest logit one may lie and still be chosen */
    uint16_t inverse_temperature; /* 12 fraction bits; 0 where the largest logit wins */
    uint16_t top_k;               /* candidates that are kept */
    uint16_t count;               /* candidates so far */
    uint16_t tokens[FLASHLM_MOST_CANDIDATES];
    int32_t logits[FLASHLM_MOST_CANDIDATES]; /* falling; equal logits in order of token */
};

/**
 * Begins a story.
 *
 * @param thousandths the temperature times 1000: 0 (the largest logit wins), or 100..10000
 * @param top_k 1..FLASHLM_MOST_CANDIDATES
 */
void flashlm_sampler_start(struct flashlm_sampler *sampler, uint32_t seed, uint32_t thousandths, uint32_t top_k);

/** Begins a step: forgets the candidates of the last one. */
void flashlm_sampler_clear(struct flashlm_sampler *sampler);

#if FLASHLM_LEAVES_OUT

/** Takes the logits of `count` tokens. They may come in any order, each once: the result is the same. */
void flashlm_sampler_offer_tokens(struct flashlm_sampler *sampler, const uint16_t *tokens, const int32_t *logits,
                                  uint32_t count);

/** The least logit with which a token that has not been offered could still change the choice. */
int32_t flashlm_sampler_least(const struct flashlm_sampler *sampler);

#endif

#if FLASHLM_CLUSTERS == 0

/** Takes the logits of `count` tokens from first_token on; calls come in order of token. */
void flashlm_sampler_offer(struct flashlm_sampler *sampler, uint32_t first_token, const int32_t *logits,
                           uint32_t count);

#endif

/** The chosen token, after every logit has been offered. */
uint32_t flashlm_sampler_choose(struct flashlm_sampler *sampler);

#ifdef __cplusplus
}
#endif

#endif
