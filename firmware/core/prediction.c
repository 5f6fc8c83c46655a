#include "prediction.h"

#include <stddef.h>

#include "checksum.h"
#include "clusters.h"
#include "head.h"
#include "screen.h"

static uint32_t hash_words(uint32_t hash, const int32_t *words, uint32_t count) {
    uint32_t i;
    for (i = 0; i < count; i++) {
        hash = flashlm_hash_word(hash, (uint32_t)words[i]);
    }
    return hash;
}

#if FLASHLM_CLUSTERS > 0

/* Marks a cluster that has been read; below every logit. */
#define DONE INT32_MIN

/* While the head works, the work buffer holds the logits of all clusters, and behind them those of one's tokens. */
static int32_t *token_logits_of(struct flashlm_state *state) {
    return state->work + FLASHLM_CLUSTERS;
}

/* Offers the logits of tokens whose numbers lie at a place, two bytes each. */
static void offer_tokens(struct flashlm_sampler *sampler, flashlm_place tokens, const int32_t *logits, uint32_t count) {
    while (count > 0) {
        uint32_t turn = flashlm_at_once(count, 2);
        flashlm_sampler_offer_tokens(sampler, (const uint16_t *)flashlm_read(tokens, 2 * turn), logits, turn);
        tokens += 2 * turn;
        logits += turn;
        count -= turn;
    }
}

/* Computes the logits of a cluster's tokens and offers them; returns how many they are. */
static uint32_t read_cluster(struct flashlm_state *state, struct flashlm_sampler *sampler, uint32_t number) {
    struct flashlm_cluster cluster = flashlm_find_cluster(state, number);
    int32_t *logits = token_logits_of(state);
    flashlm_token_logits(state, &cluster, state->work[number], logits);
    offer_tokens(sampler, cluster.tokens, logits, cluster.count);
    return cluster.count;
}

/* The cluster with the largest logit; of several the first. */
static uint32_t likeliest(const int32_t *cluster_logits) {
    uint32_t best = 0;
    uint32_t i;
    for (i = 1; i < FLASHLM_CLUSTERS; i++) {
        if (cluster_logits[i] > cluster_logits[best]) {
            best = i;
        }
    }
    return best;
}

/* The likeliest clusters first: as soon as the sampler wants nothing that one could hold, it wants no other either. */
static uint32_t offer_wanted(struct flashlm_state *state, struct flashlm_sampler *sampler) {
    uint32_t rows = 0;
    for (;;) {
        uint32_t cluster = likeliest(state->work);
        if (state->work[cluster] == DONE || state->work[cluster] < flashlm_sampler_least(sampler)) {
            return rows;
        }
        rows += read_cluster(state, sampler, cluster);
        state->work[cluster] = DONE;
    }
}

static uint32_t offer_all(struct flashlm_state *state, struct flashlm_sampler *sampler) {
    uint32_t hash = FLASHLM_HASH_START;
    uint32_t cluster;
    for (cluster = 0; cluster < FLASHLM_CLUSTERS; cluster++) {
        uint32_t count = read_cluster(state, sampler, cluster);
        hash = hash_words(hash, token_logits_of(state), count);
    }
    return hash;
}

uint32_t flashlm_predict(struct flashlm_state *state, struct flashlm_sampler *sampler, uint32_t *checksum) {
    flashlm_cluster_logits(state, state->work);
    if (checksum == NULL) {
        return offer_wanted(state, sampler);
    }
    *checksum = offer_all(state, sampler);
    return FLASHLM_VOCABULARY;
}

#else

/* Computes all logits and offers them; returns their checksum, or nothing of worth if it is not wanted. */
static uint32_t offer_all(struct flashlm_state *state, struct flashlm_sampler *sampler, int with_checksum) {
    int32_t *logits = state->work;
    uint32_t hash = FLASHLM_HASH_START;
    uint32_t first;
    for (first = 0; first < FLASHLM_VOCABULARY; first += FLASHLM_LOGITS_AT_A_TIME) {
        uint32_t left = FLASHLM_VOCABULARY - first;
        uint32_t count = left < FLASHLM_LOGITS_AT_A_TIME ? left : FLASHLM_LOGITS_AT_A_TIME;
        flashlm_row_logits(state, first, count, logits);
        flashlm_sampler_offer(sampler, first, logits, count);
        if (with_checksum) {
            hash = hash_words(hash, logits, count);
        }
    }
    return hash;
}

/* A single softmax: every logit could be the largest, unless a screen says that it is not. */
uint32_t flashlm_predict(struct flashlm_state *state, struct flashlm_sampler *sampler, uint32_t *checksum) {
    uint32_t hash;
#if FLASHLM_SCREEN_STAGES > 0
    if (checksum == NULL) {
        return flashlm_screened_offer(state, sampler);
    }
#endif
    hash = offer_all(state, sampler, checksum != NULL);
    if (checksum != NULL) {
        *checksum = hash;
    }
    return FLASHLM_VOCABULARY;
}

#endif
