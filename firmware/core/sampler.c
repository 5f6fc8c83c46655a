#include "sampler.h"

#include "arithmetic.h"
#include "random.h"
#include "tables.h"

/* 1000 thousandths in 12 fraction bits. */
#define INVERSE_OF_ONE_THOUSANDTH 4096000u

void flashlm_sampler_start(struct flashlm_sampler *sampler, uint32_t seed, uint32_t thousandths, uint32_t top_k) {
    sampler->random = flashlm_random_start(seed);
    sampler->inverse_temperature = thousandths == 0 ? 0 : (uint16_t)(INVERSE_OF_ONE_THOUSANDTH / thousandths);
    sampler->top_k = thousandths == 0 ? 1 : (uint16_t)top_k;
    sampler->count = 0;
}

void flashlm_sampler_clear(struct flashlm_sampler *sampler) {
    sampler->count = 0;
}

/* Puts a candidate behind those that are at least as likely; if the list is full, the last one falls out. */
static void insert(struct flashlm_sampler *sampler, uint32_t token, int32_t logit) {
    uint32_t place = sampler->count;
    if (place == sampler->top_k) {
        place--;
    } else {
        sampler->count++;
    }
    while (place > 0 && sampler->logits[place - 1] < logit) {
        sampler->logits[place] = sampler->logits[place - 1];
        sampler->tokens[place] = sampler->tokens[place - 1];
        place--;
    }
    sampler->logits[place] = logit;
    sampler->tokens[place] = (uint16_t)token;
}

void flashlm_sampler_offer(struct flashlm_sampler *sampler, uint32_t first_token, const int32_t *logits,
                           uint32_t count) {
    uint32_t i;
    for (i = 0; i < count; i++) {
        if (sampler->count < sampler->top_k || logits[i] > sampler->logits[sampler->count - 1]) {
            insert(sampler, first_token + i, logits[i]);
        }
    }
}

/* exp(-distance / temperature), 65535 for a distance of 0; straight between the steps of the table. */
static uint32_t weight_of(const struct flashlm_sampler *sampler, uint32_t distance) {
    uint32_t scaled = flashlm_fraction_multiply_unsigned(distance, sampler->inverse_temperature);
    uint32_t step = scaled >> 8;
    uint32_t at;
    if (step >= FLASHLM_TABLE_STEPS) {
        return 0;
    }
    at = flashlm_exponential_table[step];
    return at - (((at - flashlm_exponential_table[step + 1]) * (scaled & 255u)) >> 8);
}

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
