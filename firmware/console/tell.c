#include "tell.h"

#include <stddef.h>

#include "../core/checksum.h"
#include "../core/tokenizer.h"
#include "../ports/port.h"
#include "output.h"

#define PROBE_VALUES_OF_A_LINE 16

static void start_story(struct flashlm_console *console, int with_checksums) {
    flashlm_story_start(&console->story, console->image, &console->settings, console->line, console->line_bytes,
                        with_checksums);
}

static void print_piece(const struct flashlm_console *console, uint32_t token) {
    uint32_t length;
    const uint8_t *piece = flashlm_decode(console->image, token, &length);
    flashlm_print_story(piece, length);
}

/* [64 tokens in 3.2 s: 20.0 tokens/s] */
static void print_closing_line(uint32_t tokens, int has_clock, uint32_t milliseconds) {
    flashlm_print(FLASHLM_TEXT("["));
    flashlm_print_number(tokens);
    flashlm_print(FLASHLM_TEXT(" tokens"));
    if (has_clock) {
        /* A story faster than the clock ticks took some time nevertheless. */
        uint32_t time = milliseconds > 0 ? milliseconds : 1;
        flashlm_print(FLASHLM_TEXT(" in "));
        flashlm_print_fraction((time + 50) / 100, 1);
        flashlm_print(FLASHLM_TEXT(" s: "));
        flashlm_print_fraction(tokens * 10000 / time, 1);
        flashlm_print(FLASHLM_TEXT(" tokens/s"));
    }
    flashlm_print(FLASHLM_TEXT("]"));
    flashlm_print_line_end();
}

void flashlm_tell(struct flashlm_console *console) {
    struct flashlm_story *story = &console->story;
    uint32_t begin = 0;
    uint32_t end = 0;
    int has_clock = flashlm_port_milliseconds(&begin);
    start_story(console, 0);
    flashlm_print_bytes(console->line, console->line_bytes);
    while (!story->complete) {
        uint32_t sampled = story->sampled;
        flashlm_story_step(story);
        if (story->sampled > sampled) {
            print_piece(console, story->token);
        }
        flashlm_port_rest();
    }
    flashlm_port_milliseconds(&end);
    flashlm_print_line_end();
    print_closing_line(story->sampled, has_clock, end - begin);
}

/* {"point":7,"offset":0,"values":[1,-2,3]} */
static void print_probe_values(const struct flashlm_probe *probe) {
    uint32_t i;
    for (i = 0; i < probe->count; i++) {
        if (i % PROBE_VALUES_OF_A_LINE == 0) {
            flashlm_print(FLASHLM_TEXT("@@{\"point\":"));
            flashlm_print_number(probe->point);
            flashlm_print(FLASHLM_TEXT(",\"offset\":"));
            flashlm_print_number(i);
            flashlm_print(FLASHLM_TEXT(",\"values\":["));
        } else {
            flashlm_print(FLASHLM_TEXT(","));
        }
        flashlm_print_signed(flashlm_probe_element(probe, i));
        if ((i + 1) % PROBE_VALUES_OF_A_LINE == 0 || i + 1 == probe->count) {
            flashlm_print(FLASHLM_TEXT("]}"));
            flashlm_print_line_end();
        }
    }
}

/* {"point":7,"block":0,"name":"mixer_residual","count":192,"checksum":"89abcdef"} */
static void print_probe(void *context, const struct flashlm_probe *probe) {
    const struct flashlm_probe_choice *choice = (const struct flashlm_probe_choice *)context;
    uint32_t hash = FLASHLM_HASH_START;
    uint32_t i;
    for (i = 0; i < probe->count; i++) {
        hash = flashlm_hash_word(hash, (uint32_t)flashlm_probe_element(probe, i));
    }
    flashlm_print(FLASHLM_TEXT("@@{\"point\":"));
    flashlm_print_number(probe->point);
    flashlm_print(FLASHLM_TEXT(",\"block\":"));
    flashlm_print_signed(probe->block);
    flashlm_print(FLASHLM_TEXT(",\"name\":\""));
    flashlm_print(probe->name);
    flashlm_print(FLASHLM_TEXT("\",\"count\":"));
    flashlm_print_number(probe->count);
    flashlm_print(FLASHLM_TEXT(",\"checksum\":\""));
    flashlm_print_hexadecimal(hash);
    flashlm_print(FLASHLM_TEXT("\"}"));
    flashlm_print_line_end();
    if (choice->has_point && choice->point == probe->point) {
        print_probe_values(probe);
    }
}

static void print_step(uint32_t step, uint32_t token, uint32_t checksum) {
    flashlm_print(FLASHLM_TEXT("@@{\"step\":"));
    flashlm_print_number(step);
    flashlm_print(FLASHLM_TEXT(",\"token\":"));
    flashlm_print_number(token);
    flashlm_print(FLASHLM_TEXT(",\"checksum\":\""));
    flashlm_print_hexadecimal(checksum);
    flashlm_print(FLASHLM_TEXT("\"}"));
    flashlm_print_line_end();
}

static void print_run(uint32_t steps, uint32_t sampled, uint32_t checksum) {
    flashlm_print(FLASHLM_TEXT("@@{\"steps\":"));
    flashlm_print_number(steps);
    flashlm_print(FLASHLM_TEXT(",\"sampled\":"));
    flashlm_print_number(sampled);
    flashlm_print(FLASHLM_TEXT(",\"checksum\":\""));
    flashlm_print_hexadecimal(checksum);
    flashlm_print(FLASHLM_TEXT("\"}"));
    flashlm_print_line_end();
}

void flashlm_tell_trace(struct flashlm_console *console) {
    struct flashlm_story *story = &console->story;
    struct flashlm_probe_hook *hook = &story->state.probe;
    uint32_t step = 0;
    int was_complete;
    start_story(console, 1);
    hook->context = &console->probe;
    do {
        uint32_t token = story->token;
        was_complete = story->complete;
        hook->function = console->probe.is_set && console->probe.step == step ? print_probe : NULL;
        flashlm_story_step(story);
        print_step(step, token, story->checksum);
        step++;
        flashlm_port_rest();
    } while (!was_complete);
    hook->function = NULL;
    print_run(step, story->sampled, story->run_checksum);
}
