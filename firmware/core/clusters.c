#include "clusters.h"

#if FLASHLM_CLUSTERS > 0

#include "arithmetic.h"
#include "exponential.h"
#include "head.h"
#include "logarithm.h"

struct flashlm_cluster flashlm_find_cluster(const struct flashlm_state *state, uint32_t number) {
    flashlm_place start = state->image + FLASHLM_OFFSET_CLUSTER_START + 2 * number;
    struct flashlm_cluster cluster;
    cluster.first_row = flashlm_read_short(start);
    cluster.count = flashlm_read_short(start + 2) - cluster.first_row;
    cluster.tokens = state->image + FLASHLM_OFFSET_TOKEN_OF_ROW + 2 * cluster.first_row;
    return cluster;
}

static int32_t largest_of(const int32_t *logits, uint32_t count) {
    int32_t largest = logits[0];
    uint32_t i;
    for (i = 1; i < count; i++) {
        if (logits[i] > largest) {
            largest = logits[i];
        }
    }
    return largest;
}

/*
 * ln of the sum of exp(logit). The weights count 65535 for 1, which is taken for 65536: hence the sum can come out a
 * little below the largest term, and is held there.
 */
static int32_t log_of_sum(const int32_t *logits, uint32_t count) {
    int32_t largest = largest_of(logits, count);
    uint32_t sum = 0;
    int32_t excess;
    uint32_t i;
    for (i = 0; i < count; i++) {
        /* From the logits' 16 fraction bits to the 12 of the exponential. */
        sum += flashlm_exponential((uint32_t)(largest - logits[i]) >> 4);
    }
    excess = flashlm_logarithm(sum) - 16 * FLASHLM_LOGARITHM_OF_TWO;
    return largest + (excess > 0 ? excess : 0);
}

void flashlm_token_logits(const struct flashlm_state *state, const struct flashlm_cluster *cluster,
                          int32_t cluster_logit, int32_t *logits) {
    int32_t total;
    uint32_t i;
    flashlm_row_logits(state, cluster->first_row, cluster->count, logits);
    total = log_of_sum(logits, cluster->count);
    for (i = 0; i < cluster->count; i++) {
        logits[i] = flashlm_clamp(cluster_logit + (logits[i] - total), FLASHLM_LOGIT_LIMIT);
    }
}

#endif
