#include "commands.h"

#include "../core/model.h"
#include "../ports/port.h"
#include "output.h"
#include "words.h"

#define LEAST_TEMPERATURE 100 /* thousandths, as 0 is another thing */
#define LARGEST_TEMPERATURE 10000
#define MOST_TOKENS 65535

static void print_pair(flashlm_text name, uint32_t value) {
    flashlm_print(name);
    flashlm_print_number(value);
}

static void print_temperature(const struct flashlm_console *console) {
    flashlm_print(FLASHLM_TEXT("temperature "));
    flashlm_print_fraction(console->settings.thousandths, 3);
}

static void print_probe(const struct flashlm_console *console) {
    if (!console->probe.is_set) {
        flashlm_print(FLASHLM_TEXT("probe off"));
        return;
    }
    print_pair(FLASHLM_TEXT("probe step "), console->probe.step);
    if (console->probe.has_point) {
        print_pair(FLASHLM_TEXT(" point "), console->probe.point);
    }
}

static void print_error(flashlm_text what) {
    flashlm_print(FLASHLM_TEXT("error: "));
    flashlm_print(what);
}

/* Takes the command's only number, if it lies in least..most. */
static int take_number(struct flashlm_words *words, uint32_t digits, uint32_t least, uint32_t most, uint32_t *number) {
    return flashlm_words_number(words, digits, number) && flashlm_words_end(words) && *number >= least &&
           *number <= most;
}

static void set_temperature(struct flashlm_console *console, struct flashlm_words *words) {
    uint32_t thousandths;
    if (!take_number(words, 3, 0, LARGEST_TEMPERATURE, &thousandths) ||
        (thousandths > 0 && thousandths < LEAST_TEMPERATURE)) {
        print_error(FLASHLM_TEXT("a temperature is 0, or 0.1 to 10 with at most three decimals; for example /temp 0.8"));
        return;
    }
    console->settings.thousandths = (uint16_t)thousandths;
    print_temperature(console);
}

static void set_top_k(struct flashlm_console *console, struct flashlm_words *words) {
    uint32_t top_k;
    if (!take_number(words, 0, 1, FLASHLM_MOST_CANDIDATES, &top_k)) {
        print_error(FLASHLM_TEXT("top-k is 1 to 64; for example /topk 40"));
        return;
    }
    console->settings.top_k = (uint16_t)top_k;
    print_pair(FLASHLM_TEXT("top-k "), top_k);
}

static void set_tokens(struct flashlm_console *console, struct flashlm_words *words) {
    uint32_t tokens;
    if (!take_number(words, 0, 1, MOST_TOKENS, &tokens)) {
        print_error(FLASHLM_TEXT("tokens are 1 to 65535; for example /tokens 256"));
        return;
    }
    console->settings.tokens = (uint16_t)tokens;
    print_pair(FLASHLM_TEXT("tokens "), tokens);
}

static void set_seed(struct flashlm_console *console, struct flashlm_words *words) {
    uint32_t seed;
    if (!take_number(words, 0, 0, 0xFFFFFFFFu, &seed)) {
        print_error(FLASHLM_TEXT("a seed is 0 to 4294967295; for example /seed 1"));
        return;
    }
    console->settings.seed = seed;
    print_pair(FLASHLM_TEXT("seed "), seed);
}

static void set_trace(struct flashlm_console *console, struct flashlm_words *words) {
    uint32_t trace;
    if (!take_number(words, 0, 0, 1, &trace)) {
        print_error(FLASHLM_TEXT("trace is 0 or 1; for example /trace 1"));
        return;
    }
    console->trace = (int)trace;
    print_pair(FLASHLM_TEXT("trace "), trace);
}

static void set_probe(struct flashlm_console *console, struct flashlm_words *words) {
    struct flashlm_probe_choice choice = {0, 0, 0, 0};
    if (!flashlm_words_take(words, FLASHLM_TEXT("off"))) {
        choice.is_set = flashlm_words_number(words, 0, &choice.step);
        if (choice.is_set && !flashlm_words_end(words)) {
            choice.has_point = flashlm_words_number(words, 0, &choice.point);
        }
        if (!choice.is_set) {
            print_error(FLASHLM_TEXT("a probe is a step, a step and a point, or off; for example /probe 5 7"));
            return;
        }
    }
    if (!flashlm_words_end(words)) {
        print_error(FLASHLM_TEXT("a probe is a step, a step and a point, or off; for example /probe 5 7"));
        return;
    }
    console->probe = choice;
    print_probe(console);
}

/* Nothing where the port does not know. */
static void print_stack(void) {
    uint32_t used;
    uint32_t reserved;
    if (flashlm_port_stack(&used, &reserved)) {
        print_pair(FLASHLM_TEXT("stack: "), used);
        print_pair(FLASHLM_TEXT(" of "), reserved);
        flashlm_print(FLASHLM_TEXT(" bytes used at most"));
        flashlm_print_line_end();
    }
}

static void print_info(const struct flashlm_console *console) {
    flashlm_print(FLASHLM_TEXT("model " FLASHLM_NAME ", fingerprint "));
    flashlm_print_hexadecimal(FLASHLM_FINGERPRINT);
    print_pair(FLASHLM_TEXT(", parameters "), FLASHLM_PARAMETERS);
    flashlm_print_line_end();
    print_pair(FLASHLM_TEXT("shape: vocabulary "), FLASHLM_VOCABULARY);
    print_pair(FLASHLM_TEXT(", dimension "), FLASHLM_DIMENSION);
    print_pair(FLASHLM_TEXT(", blocks "), FLASHLM_BLOCKS);
    print_pair(FLASHLM_TEXT(", hidden "), FLASHLM_HIDDEN);
    print_pair(FLASHLM_TEXT(", taps "), FLASHLM_TAPS);
#if FLASHLM_MEMORY_HEADS > 0
    print_pair(FLASHLM_TEXT(", memory "), FLASHLM_MEMORY_HEADS);
    print_pair(FLASHLM_TEXT(" x "), FLASHLM_MEMORY_SLOTS);
#endif
#if FLASHLM_CLUSTERS > 0
    print_pair(FLASHLM_TEXT(", clusters "), FLASHLM_CLUSTERS);
#endif
    flashlm_print_line_end();
    print_pair(FLASHLM_TEXT("memory: image "), FLASHLM_IMAGE_BYTES);
    print_pair(FLASHLM_TEXT(" bytes of flash, state "), (uint32_t)sizeof(struct flashlm_console));
    print_pair(FLASHLM_TEXT(" and kernel " FLASHLM_KERNEL_NAME " "), FLASHLM_KERNEL_RAM_BYTES);
    flashlm_print(FLASHLM_TEXT(" bytes of RAM"));
    flashlm_print_line_end();
    print_stack();
    print_pair(FLASHLM_TEXT("last story: "), console->story.sampled);
    print_pair(FLASHLM_TEXT(" tokens, "), console->story.rows_read);
    flashlm_print(FLASHLM_TEXT(" rows of the embedding read"));
#if FLASHLM_SCREEN_STAGES > 0
    print_pair(FLASHLM_TEXT(", "), console->story.state.screen_kilobytes);
    flashlm_print(FLASHLM_TEXT(" KB of the screen"));
#endif
    flashlm_print_line_end();
    flashlm_print(FLASHLM_TEXT("settings: "));
    print_temperature(console);
    print_pair(FLASHLM_TEXT(", top-k "), console->settings.top_k);
    print_pair(FLASHLM_TEXT(", tokens "), console->settings.tokens);
    print_pair(FLASHLM_TEXT(", seed "), console->settings.seed);
    print_pair(FLASHLM_TEXT(", trace "), (uint32_t)console->trace);
    flashlm_print(FLASHLM_TEXT(", "));
    print_probe(console);
}

static void print_help_line(flashlm_text line) {
    flashlm_print(line);
    flashlm_print_line_end();
}

static void print_help(void) {
    print_help_line(
        FLASHLM_TEXT("Type the beginning of a story and press Enter; an empty line begins one from nothing."));
    print_help_line(
        FLASHLM_TEXT("/temp 0.8           temperature, 0 or 0.1 to 10; 0 always takes the likeliest token"));
    print_help_line(FLASHLM_TEXT("/topk 40            candidates for each token, 1 to 64"));
    print_help_line(FLASHLM_TEXT("/tokens 256         most tokens of a story, 1 to 65535"));
    print_help_line(FLASHLM_TEXT("/seed 1             another seed, another story"));
    print_help_line(FLASHLM_TEXT("/info               the model, the memory it takes, the last story, the settings"));
    print_help_line(FLASHLM_TEXT("/trace 0 or 1       checksums in place of text"));
    print_help_line(
        FLASHLM_TEXT("/probe STEP [POINT] in traced stories, the intermediate vectors of a step; /probe off ends it"));
    flashlm_print(FLASHLM_TEXT("/help               this list"));
}

void flashlm_command(struct flashlm_console *console) {
    struct flashlm_words words;
    words.text = console->line;
    words.count = console->line_bytes;
    if (flashlm_words_take(&words, FLASHLM_TEXT("/temp"))) {
        set_temperature(console, &words);
    } else if (flashlm_words_take(&words, FLASHLM_TEXT("/topk"))) {
        set_top_k(console, &words);
    } else if (flashlm_words_take(&words, FLASHLM_TEXT("/tokens"))) {
        set_tokens(console, &words);
    } else if (flashlm_words_take(&words, FLASHLM_TEXT("/seed"))) {
        set_seed(console, &words);
    } else if (flashlm_words_take(&words, FLASHLM_TEXT("/trace"))) {
        set_trace(console, &words);
    } else if (flashlm_words_take(&words, FLASHLM_TEXT("/probe"))) {
        set_probe(console, &words);
    } else if (flashlm_words_take(&words, FLASHLM_TEXT("/info")) && flashlm_words_end(&words)) {
        print_info(console);
    } else if (flashlm_words_take(&words, FLASHLM_TEXT("/help")) && flashlm_words_end(&words)) {
        print_help();
    } else {
        print_error(FLASHLM_TEXT("unknown command; /help lists the commands"));
    }
    flashlm_print_line_end();
}
