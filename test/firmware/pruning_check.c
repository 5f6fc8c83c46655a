/*
 * Compares what the head offers after reading only the rows that are wanted with the order of all logits: every candidate
 * that may be chosen, its logit and its place, and the choice. Does so at POSITIONS positions of stories, with many settings
 * or, with FEW_SETTINGS, those with which a board starts and greedy. Runs on any port: prints one line for each that differs,
 * then how many of the embedding's rows were read, and "done".
 */
#include <stddef.h>

#include "../../core/arithmetic.h"
#include "../../core/forward.h"
#include "../../core/prediction.h"
#include "../../ports/port.h"

struct settings {
    uint16_t thousandths;
    uint16_t top_k;
};

static const struct settings settings[] = {
    {0, 1},   {800, 40},
#if !defined(FEW_SETTINGS)
    {800, 1}, {800, 2},  {100, 64}, {1000, 5}, {300, 3}, {500, 10}, {1000, 64}, {10000, 64}, {10000, 7}, {2000, 17},
#endif
};

#define SETTINGS (sizeof settings / sizeof settings[0])

/* docs/arithmetic.md, section 8: from this exponent on a weight is 0. */
#define NO_WEIGHT 28672u

static struct flashlm_state state;
static struct flashlm_sampler all;   /* the largest logits of all, as many as any setting asks for */
static struct flashlm_sampler wanted;

static void print(const char *text) {
    while (*text != '\0') {
        flashlm_port_put((uint8_t)*text++);
    }
}

static void print_number(uint32_t number) {
    if (number >= 10) {
        print_number(number / 10);
    }
    flashlm_port_put((uint8_t)('0' + number % 10));
}

static void print_difference(uint32_t position, const struct settings *with, const char *what) {
    print("wrong: position ");
    print_number(position);
    print(" thousandths ");
    print_number(with->thousandths);
    print(" top-k ");
    print_number(with->top_k);
    print(" ");
    print(what);
    print("\r\n");
}

/* How many of the candidates may be chosen; those whose weight is 0 never are. */
static uint32_t choosable(const struct flashlm_sampler *sampler, uint32_t thousandths) {
    uint32_t inverse = thousandths == 0 ? 0 : 4096000u / thousandths;
    uint32_t count = 0;
    while (count < sampler->count) {
        uint32_t distance = (uint32_t)sampler->logits[0] - (uint32_t)sampler->logits[count];
        if (flashlm_fraction_multiply_unsigned(distance, (uint16_t)inverse) >= NO_WEIGHT) {
            break;
        }
        count++;
    }
    return count;
}

/* The largest logits of all are also the largest few, so the whole head is read once for all settings. */
static void read_all(void) {
    uint32_t checksum;
    flashlm_sampler_start(&all, 0, 10000, FLASHLM_MOST_CANDIDATES);
    flashlm_predict(&state, &all, &checksum);
}

/* The sampler of these settings as it would be if every logit had been offered. */
static struct flashlm_sampler expected_sampler(uint32_t position, const struct settings *with) {
    struct flashlm_sampler expected = all;
    flashlm_sampler_start(&expected, position, with->thousandths, with->top_k);
    expected.count = all.count < with->top_k ? all.count : with->top_k;
    return expected;
}

/* Compares at this position; `token` receives what is chosen there. Returns how many rows were read. */
static uint32_t compare(uint32_t position, const struct settings *with, uint32_t *token) {
    struct flashlm_sampler expected = expected_sampler(position, with);
    uint32_t count = choosable(&expected, with->thousandths);
    uint32_t rows;
    uint32_t i;
    flashlm_sampler_start(&wanted, position, with->thousandths, with->top_k);
    flashlm_sampler_clear(&wanted);
    rows = flashlm_predict(&state, &wanted, NULL);
    if (choosable(&wanted, with->thousandths) != count) {
        print_difference(position, with, "number of candidates");
    } else {
        for (i = 0; i < count; i++) {
            if (wanted.tokens[i] != expected.tokens[i] || wanted.logits[i] != expected.logits[i]) {
                print_difference(position, with, "candidate");
                break;
            }
        }
    }
    *token = flashlm_sampler_choose(&expected);
    if (flashlm_sampler_choose(&wanted) != *token) {
        print_difference(position, with, "choice");
    }
    return rows;
}

int main(void) {
    uint32_t token = FLASHLM_END_OF_STORY;
    uint32_t total = 0;
    uint32_t position;
    uint32_t i;
    flashlm_port_start();
    for (position = 0; position < POSITIONS; position++) {
        uint32_t next = FLASHLM_END_OF_STORY;
        if (token == FLASHLM_END_OF_STORY) {
            flashlm_begin(&state, flashlm_image_start());
        }
        flashlm_step(&state, token);
        read_all();
        for (i = 0; i < SETTINGS; i++) {
            uint32_t chosen;
            total += compare(position, &settings[i], &chosen);
            if (i == position % SETTINGS) {
                next = chosen;
            }
        }
        token = next;
    }
    print("read ");
    print_number(total);
    print("\r\ndone\r\n");
    flashlm_port_end();
    return 0;
}
