/*
 * Compares the choice of the next token after reading only the clusters that are wanted with the choice after reading
 * all, at POSITIONS positions and with many settings. Runs on any port: prints one line for each choice that differs,
 * then how many of the embedding's rows were read, and "done".
 */
#include <stddef.h>

#include "../../core/forward.h"
#include "../../core/prediction.h"
#include "../../ports/port.h"

struct settings {
    uint16_t thousandths;
    uint16_t top_k;
};

static const struct settings settings[] = {
    {0, 1},   {800, 40}, {800, 1},    {800, 2},     {100, 64}, {1000, 5},
    {300, 3}, {500, 10}, {1000, 64}, {10000, 64}, {10000, 7}, {2000, 17},
};

#define SETTINGS (sizeof settings / sizeof settings[0])

static struct flashlm_state state;
static struct flashlm_sampler sampler;

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

static void print_difference(uint32_t position, const struct settings *with, uint32_t token, uint32_t expected) {
    print("wrong: position ");
    print_number(position);
    print(" thousandths ");
    print_number(with->thousandths);
    print(" top-k ");
    print_number(with->top_k);
    print(" token ");
    print_number(token);
    print(" instead of ");
    print_number(expected);
    print("\r\n");
}

/* The token chosen at this position; `rows` receives how many were read. */
static uint32_t choose(uint32_t position, const struct settings *with, uint32_t *checksum, uint32_t *rows) {
    flashlm_sampler_start(&sampler, position, with->thousandths, with->top_k);
    flashlm_sampler_clear(&sampler);
    *rows = flashlm_predict(&state, &sampler, checksum);
    return flashlm_sampler_choose(&sampler);
}

int main(void) {
    uint32_t token = FLASHLM_END_OF_STORY;
    uint32_t total = 0;
    uint32_t position;
    uint32_t i;
    flashlm_port_start();
    flashlm_begin(&state, flashlm_port_image());
    for (position = 0; position < POSITIONS; position++) {
        uint32_t next = 0;
        flashlm_step(&state, token);
        for (i = 0; i < SETTINGS; i++) {
            uint32_t checksum;
            uint32_t rows;
            uint32_t expected = choose(position, &settings[i], &checksum, &rows);
            uint32_t chosen = choose(position, &settings[i], NULL, &rows);
            if (chosen != expected) {
                print_difference(position, &settings[i], chosen, expected);
            }
            if (i == position % SETTINGS) {
                next = expected;
            }
            total += rows;
        }
        token = next;
    }
    print("read ");
    print_number(total);
    print("\r\ndone\r\n");
    flashlm_port_end();
    return 0;
}
