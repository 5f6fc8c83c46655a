#include "screen.h"

#if FLASHLM_SCREEN_STAGES > 0

#include "arithmetic.h"
#include "dot_product.h"
#include "head.h"

#define STAGES FLASHLM_SCREEN_STAGES
#define GROUP FLASHLM_GATHERED_ROWS

/* Coordinates have so many bits: |y| <= 2^14. */
#define COORDINATE_BITS 14
/* Of the lengths that end a record: the scale of its codes, and its reach. */
#define RECORD_TAIL_BYTES 4u

/*
 * The search of one token. Records that passed a stage wait in the next one's list, the first of them with the smallest
 * number; what passed the last stage waits in the last list for its logit.
 */
struct search {
    struct flashlm_state *state;
    struct flashlm_sampler *sampler;
    int32_t *coordinates;       /* [d], y; arranged once they are measured */
    int32_t *activations;       /* [d], arranged */
    int32_t slacks[STAGES];     /* e: what rounding can take from a sum */
    uint32_t distances[STAGES]; /* N 2^a: the length of all coordinates behind a stage */
    uint32_t waiting[STAGES];   /* in the lists behind each stage */
    int32_t exponent;           /* of a bound, against a logit */
    int32_t least;              /* logit that the sampler wants */
    int32_t threshold;          /* the bound that a row with that logit reaches */
    uint32_t rows;              /* of the embedding read */
    uint32_t bytes;             /* of records read */
};

/* Numbers of the records that wait behind a stage, and their bounds without the reach. */
static int32_t *records_behind(const struct search *search, uint32_t stage) {
    return search->activations + FLASHLM_DIMENSION + 2 * stage * FLASHLM_SCREEN_LIST;
}

static int32_t *bounds_behind(const struct search *search, uint32_t stage) {
    return records_behind(search, stage) + FLASHLM_SCREEN_LIST;
}

static const uint8_t *record_of(const struct search *search, uint32_t stage, uint32_t record) {
    const FLASHLM_CONSTANT struct flashlm_screen_stage *table = &flashlm_screen_stages[stage];
    return search->state->image + table->offset + record * (table->columns + RECORD_TAIL_BYTES);
}

static uint16_t short_at(const uint8_t *bytes) {
    return *(const uint16_t *)(const void *)bytes;
}

static void keep(struct search *search, uint32_t stage, uint32_t record, int32_t bound) {
    uint32_t place = search->waiting[stage]++;
    records_behind(search, stage)[place] = (int32_t)record;
    bounds_behind(search, stage)[place] = bound;
}

/* Whether a row could have the logit that the sampler wants. */
static inline int reaches(const struct search *search, uint32_t stage, int32_t bound, uint16_t reach) {
    return bound + (int32_t)flashlm_fraction_multiply_unsigned(search->distances[stage], reach) >= search->threshold;
}

/* The coordinates, as long as their largest lets them be, and how far they were shifted for it. */
static int32_t transform(struct search *search) {
    const struct flashlm_state *state = search->state;
    const uint8_t *shifts = state->image + FLASHLM_OFFSET_SCREEN_SHIFT;
    int32_t *coordinates = search->coordinates;
    uint32_t largest = 0;
    int32_t common;
    uint32_t i;
    flashlm_dot_products((const int8_t *)state->image + FLASHLM_OFFSET_SCREEN_TRANSFORM, FLASHLM_DIMENSION,
                         state->activations, coordinates);
    for (i = 0; i < FLASHLM_DIMENSION; i++) {
        largest |= flashlm_magnitude(coordinates[i]) >> shifts[i];
    }
    common = (int32_t)flashlm_bit_length(largest) - COORDINATE_BITS;
    if (common < 0) {
        common = 0;
    }
    for (i = 0; i < FLASHLM_DIMENSION; i++) {
        coordinates[i] = flashlm_round_shift(coordinates[i], shifts[i] + common);
    }
    return common;
}

/* Distances and slacks, from the last stage to the first. */
static void measure(struct search *search) {
    uint32_t first = FLASHLM_DIMENSION;
    uint32_t end = FLASHLM_SCREEN_COLUMNS;
    uint32_t squares = 0;
    uint32_t stage = STAGES;
    while (stage-- > 0) {
        uint32_t slack = 0;
        uint32_t i;
        for (; first > end; first--) {
            uint32_t part = (flashlm_magnitude(search->coordinates[first - 1]) >> FLASHLM_SCREEN_SQUARE_SHIFT) + 1u;
            squares += part * part;
        }
        search->distances[stage] = (flashlm_integer_sqrt(squares) + 1u)
                                   << (FLASHLM_SCREEN_SQUARE_SHIFT + FLASHLM_SCREEN_REACH_SHIFT);
        end -= flashlm_screen_stages[stage].columns;
        for (i = end; i < first; i++) {
            slack += flashlm_magnitude(search->coordinates[i]) + 128u;
        }
        search->slacks[stage] = (int32_t)((slack + 1u) >> 1);
    }
}

/*
 * The bound below which a row's logit is below the sampler's least; section 10 proves it. Where a shift would leave 32
 * bits, every bound is below the threshold or none.
 */
static int32_t threshold_of(const struct search *search) {
    int32_t below = search->least - 1;
    int32_t left = -search->exponent;
    if (search->least <= -FLASHLM_LOGIT_LIMIT) {
        return INT32_MIN;
    }
    if (left <= 0) {
        return (below >> (left < -31 ? 31 : -left)) - (STAGES + 1);
    }
    if (left > 30 || below > (FLASHLM_LOGIT_LIMIT >> left) || below < -(FLASHLM_LOGIT_LIMIT >> left)) {
        return below > 0 ? INT32_MAX : INT32_MIN;
    }
    return below * ((int32_t)1 << left) - (STAGES + 1);
}

static void start(struct search *search) {
    uint32_t i;
    int32_t common = transform(search);
    for (i = 0; i < FLASHLM_DIMENSION; i++) {
        search->activations[i] = search->state->activations[i];
    }
    for (i = 0; i < STAGES; i++) {
        search->waiting[i] = 0;
    }
    measure(search);
    flashlm_arrange_vector(search->coordinates, FLASHLM_DIMENSION);
    flashlm_arrange_vector(search->activations, FLASHLM_DIMENSION);
    search->exponent = common + search->state->exponent + FLASHLM_HEAD_LEFT_SHIFT - FLASHLM_HEAD_RIGHT_SHIFT -
                       (FLASHLM_SCREEN_FRACTION_BITS);
    search->least = INT32_MIN;
    search->threshold = INT32_MIN;
    search->rows = 0;
    search->bytes = 0;
}

/* What the first four columns meet, in registers for all records; and the codes of a record, with what they meet. */
#if FLASHLM_PAIRS

struct first_four {
    uint32_t even;
    uint32_t odd;
};

static inline struct first_four first_four_of(const int32_t *coordinates) {
    struct first_four first;
    first.even = (uint32_t)coordinates[0];
    first.odd = (uint32_t)coordinates[1];
    return first;
}

static inline int32_t add_record(int32_t sum, const uint8_t *record, struct first_four first, const int32_t *coordinates) {
    const flashlm_word *codes = (const flashlm_word *)(const void *)record;
    uint32_t word;
    sum = flashlm_add_four(sum, codes[0], first.even, first.odd);
    for (word = 1; word < FLASHLM_SCREEN_FIRST_COLUMNS / 4; word++) {
        sum = flashlm_add_four(sum, codes[word], (uint32_t)coordinates[2 * word], (uint32_t)coordinates[2 * word + 1]);
    }
    return sum;
}

#else

struct first_four {
    int32_t y0;
    int32_t y1;
    int32_t y2;
    int32_t y3;
};

static inline struct first_four first_four_of(const int32_t *coordinates) {
    struct first_four first;
    first.y0 = coordinates[0];
    first.y1 = coordinates[1];
    first.y2 = coordinates[2];
    first.y3 = coordinates[3];
    return first;
}

static inline int32_t add_record(int32_t sum, const uint8_t *record, struct first_four first, const int32_t *coordinates) {
    const int8_t *codes = (const int8_t *)record;
    uint32_t column;
    sum += codes[0] * first.y0 + codes[1] * first.y1 + codes[2] * first.y2 + codes[3] * first.y3;
    for (column = 4; column < FLASHLM_SCREEN_FIRST_COLUMNS; column++) {
        sum += codes[column] * coordinates[column];
    }
    return sum;
}

#endif

/* The first stage, of `count` records from `first` on. */
static void scan(struct search *search, uint32_t first, uint32_t count) {
    const uint8_t *record = record_of(search, 0, first);
    const int32_t *coordinates = search->coordinates;
    const struct first_four first_four = first_four_of(coordinates);
    uint32_t i;
    for (i = 0; i < count; i++) {
        const uint8_t *tail = record + FLASHLM_SCREEN_FIRST_COLUMNS;
        int32_t sum = add_record(search->slacks[0], record, first_four, coordinates);
        sum = flashlm_fraction_multiply(sum, short_at(tail));
        if (reaches(search, 0, sum, short_at(tail + 2))) {
            keep(search, 0, first + i, sum);
        }
        record = tail + RECORD_TAIL_BYTES;
    }
    search->bytes += count * (FLASHLM_SCREEN_FIRST_COLUMNS + RECORD_TAIL_BYTES);
}

/* A later stage, of up to four records that passed the one before; records it does not have pass. */
static void refine(struct search *search, uint32_t stage, const int32_t *records, const int32_t *bounds,
                   uint32_t count) {
    const FLASHLM_CONSTANT struct flashlm_screen_stage *table = &flashlm_screen_stages[stage];
    const int8_t *rows[GROUP];
    int32_t sums[GROUP];
    const int32_t *coordinates = search->coordinates;
    uint32_t i;
    if ((uint32_t)records[count - 1] >= table->records) {
        for (i = 0; i < count; i++) {
            keep(search, stage, (uint32_t)records[i], bounds[i]);
        }
        return;
    }
    for (i = 0; i < stage; i++) {
        coordinates += FLASHLM_VECTOR_WORDS(flashlm_screen_stages[i].columns);
    }
    for (i = 0; i < GROUP; i++) {
        uint32_t record = (uint32_t)records[i < count ? i : count - 1];
        rows[i] = (const int8_t *)record_of(search, stage, record);
    }
    flashlm_gathered_products(rows, table->columns, coordinates, sums);
    for (i = 0; i < count; i++) {
        const uint8_t *tail = (const uint8_t *)rows[i] + table->columns;
        int32_t bound = bounds[i] + flashlm_fraction_multiply(sums[i] + search->slacks[stage], short_at(tail));
        if (reaches(search, stage, bound, short_at(tail + 2))) {
            keep(search, stage, (uint32_t)records[i], bound);
        }
    }
    search->bytes += count * (table->columns + RECORD_TAIL_BYTES);
}

/* The logits of up to four records that passed all stages. */
static void compute(struct search *search, const int32_t *records, uint32_t count) {
    flashlm_place token_of = search->state->image + FLASHLM_OFFSET_SCREEN_TOKENS;
    uint16_t tokens[GROUP];
    int32_t logits[GROUP];
    int32_t least;
    uint32_t i;
    for (i = 0; i < GROUP; i++) {
        tokens[i] = flashlm_read_short(token_of + 2 * (uint32_t)records[i < count ? i : count - 1]);
    }
    flashlm_gathered_logits(search->state, search->activations, tokens, logits);
    flashlm_sampler_offer_tokens(search->sampler, tokens, logits, count);
    search->rows += count;
    least = flashlm_sampler_least(search->sampler);
    if (least != search->least) {
        search->least = least;
        search->threshold = threshold_of(search);
    }
}

/* Takes what waits behind a stage, four at a time; the others are left for the next turn, unless it is the last. */
static void advance(struct search *search, uint32_t stage, int is_last_turn) {
    int32_t *records = records_behind(search, stage);
    int32_t *bounds = bounds_behind(search, stage);
    uint32_t waiting = search->waiting[stage];
    uint32_t done = 0;
    uint32_t i;
    while (waiting - done >= (is_last_turn ? 1u : GROUP)) {
        uint32_t count = waiting - done < GROUP ? waiting - done : GROUP;
        if (stage + 1 < STAGES) {
            refine(search, stage + 1, records + done, bounds + done, count);
        } else {
            compute(search, records + done, count);
        }
        done += count;
    }
    for (i = done; i < waiting; i++) {
        records[i - done] = records[i];
        bounds[i - done] = bounds[i];
    }
    search->waiting[stage] = waiting - done;
}

uint32_t flashlm_screened_offer(struct flashlm_state *state, struct flashlm_sampler *sampler) {
    struct search search;
    uint32_t first;
    uint32_t stage;
    search.state = state;
    search.sampler = sampler;
    search.coordinates = state->work;
    search.activations = state->work + FLASHLM_DIMENSION;
    start(&search);
    for (first = 0; first < FLASHLM_VOCABULARY; first += FLASHLM_SCREEN_TURN) {
        uint32_t left = FLASHLM_VOCABULARY - first;
        scan(&search, first, left < FLASHLM_SCREEN_TURN ? left : FLASHLM_SCREEN_TURN);
        for (stage = 0; stage < STAGES; stage++) {
            advance(&search, stage, left <= FLASHLM_SCREEN_TURN);
        }
    }
    state->screen_kilobytes += (search.bytes + 512u) >> 10;
    return search.rows;
}

#endif
