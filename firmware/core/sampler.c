#include "sampler.h"

#include "arithmetic.h"
#include "exponential.h"
#include "random.h"

/* 1000 thousandths in 12 fraction bits. */
#define INVERSE_OF_ONE_THOUSANDTH 4096000u
/* 7 in 12 fraction bits: a token that is less than a thousandth as likely as the likeliest is never chosen. */
#define TOO_FAR 28672u

/* The largest distance from the likeliest logit whose weight is not 0: floor(distance * inverse / 2^16) < TOO_FAR. */
static int32_t reach_of(uint32_t inverse_temperature) {
    return (int32_t)((TOO_FAR * 65536u - 1u) / inverse_temperature);
}

void flashlm_sampler_start(struct flashlm_sampler *sampler, uint32_t seed, uint32_t thousandths, uint32_t top_k) {
    sampler->random = flashlm_random_start(seed);
    sampler->inverse_temperature = thousandths == 0 ? 0 : (uint16_t)(INVERSE_OF_ONE_THOUSANDTH / thousandths);
    sampler->reach = thousandths == 0 ? 0 : reach_of(sampler->inverse_temperature);
    sampler->top_k = thousandths == 0 ? 1 : (uint16_t)top_k;
    sampler->count = 0;
}

void flashlm_sampler_clear(struct flashlm_sampler *sampler) {
    sampler->count = 0;
}

/* What a logit has to exceed to become a candidate: the last one's, once the list is full. */
static int32_t bar_of(const struct flashlm_sampler *sampler) {
    return sampler->count < sampler->top_k ? INT32_MIN : sampler->logits[sampler->count - 1];
}

/*
 * Whether a token comes before the candidate at the place, which was offered earlier. Where logits are equal the smaller
 * token is first; where nothing is left out, tokens are offered in that order.
 */
static int comes_before(const struct flashlm_sampler *sampler, uint32_t place, uint32_t token, int32_t logit) {
#if FLASHLM_LEAVES_OUT
    if (sampler->logits[place] == logit) {
        return token < sampler->tokens[place];
    }
#else
    (void)token;
#endif
    return sampler->logits[place] < logit;
}

/* Puts a candidate in its place; if the list is full, the last one falls out. */
static void insert(struct flashlm_sampler *sampler, uint32_t token, int32_t logit) {
    uint32_t place = sampler->count;
    if (place == sampler->top_k) {
        place--;
    } else {
        sampler->count++;
    }
    while (place > 0 && comes_before(sampler, place - 1, token, logit)) {
        sampler->logits[place] = sampler->logits[place - 1];
        sampler->tokens[place] = sampler->tokens[place - 1];
        place--;
    }
    sampler->logits[place] = logit;
    sampler->tokens[place] = (uint16_t)token;
}

/* exp(-distance / temperature), 65535 for a distance of 0. */
static uint32_t weight_of(const struct flashlm_sampler *sampler, uint32_t distance) {
    uint32_t exponent = flashlm_fraction_multiply_unsigned(distance, sampler->inverse_temperature);
    return exponent < TOO_FAR ? flashlm_exponential(exponent) : 0;
}

#if FLASHLM_LEAVES_OUT

void flashlm_sampler_offer_tokens(struct flashlm_sampler *sampler, const uint16_t *tokens, const int32_t *logits,
                                  uint32_t count) {
    int32_t bar = bar_of(sampler);
    uint32_t i;
    for (i = 0; i < count; i++) {
        if (logits[i] > bar ||
            (logits[i] == bar && comes_before(sampler, sampler->count - 1u, tokens[i], logits[i]))) {
            insert(sampler, tokens[i], logits[i]);
            bar = bar_of(sampler);
        }
    }
}

/*
 * A token can take a candidate's place as long as its logit is not below the last one's: where they are equal, its
 * number may be smaller. But a token whose weight is 0 beside the likeliest is never chosen, candidate or not.
 */
int32_t flashlm_sampler_least(const struct flashlm_sampler *sampler) {
    int32_t bar = bar_of(sampler);
    int32_t least;
    if (sampler->count == 0) {
        return INT32_MIN;
    }
    least = sampler->logits[0] - sampler->reach;
    return least > bar ? least : bar;
}

#endif

#if FLASHLM_CLUSTERS == 0

void flashlm_sampler_offer(struct flashlm_sampler *sampler, uint32_t first_token, const int32_t *logits,
                           uint32_t count) {
    int32_t bar = bar_of(sampler);
    uint32_t i;
    for (i = 0; i < count; i++) {
        if (logits[i] > bar) {
            insert(sampler, first_token + i, logits[i]);
            bar = bar_of(sampler);
        }
    }
}

#endif

uint32_t flashlm_sampler_choose(struct flashlm_sampler *sampler) {
    uint32_t largest = (uint32_t)sampler->logits[0];
    uint32_t total = 0;
    uint32_t threshold;
    uint32_t chosen = 0;
    uint32_t i;
    if (sampler->inverse_temperature == 0) {
        return sampler->tokens[0];
    }
    for (i = 0; i < sampler->count; i++) {
        total += weight_of(sampler, largest - (uint32_t)sampler->logits[i]);
    }
    sampler->random = flashlm_random_next(sampler->random);
    threshold = flashlm_fraction_multiply_unsigned(total, (uint16_t)(sampler->random >> 16));
    total = weight_of(sampler, 0);
    while (total <= threshold) {
        chosen++;
        total += weight_of(sampler, largest - (uint32_t)sampler->logits[chosen]);
    }
    return sampler->tokens[chosen];
}
