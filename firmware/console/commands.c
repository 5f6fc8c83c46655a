#include "commands.h"

#include "../core/model.h"
#include "output.h"
#include "words.h"

#define LEAST_TEMPERATURE 100 /* thousandths, as 0 is another thing */
#define LARGEST_TEMPERATURE 10000
#define MOST_TOKENS 65535

static void print_pair(const char *name, uint32_t value) {
    flashlm_print(name);
    flashlm_print_number(value);
}

static void print_temperature(const struct flashlm_console *console) {
    flashlm_print("temperature ");
    flashlm_print_fraction(console->settings.thousandths, 3);
}

static void print_probe(const struct flashlm_console *console) {
    if (!console->probe.is_set) {
        flashlm_print("probe off");
        return;
    }
    print_pair("probe step ", console->probe.step);
    if (console->probe.has_point) {
        print_pair(" point ", console->probe.point);
    }
}

static void print_error(const char *what) {
    flashlm_print("error: ");
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
        print_error("a temperature is 0, or 0.1 to 10 with at most three decimals; for example /temp 0.8");
        return;
    }
    console->settings.thousandths = (uint16_t)thousandths;
    print_temperature(console);
}

static void set_top_k(struct flashlm_console *console, struct flashlm_words *words) {
    uint32_t top_k;
    if (!take_number(words, 0, 1, FLASHLM_MOST_CANDIDATES, &top_k)) {
        print_error("top-k is 1 to 128; for example /topk 40");
        return;
    }
    console->settings.top_k = (uint16_t)top_k;
    print_pair("top-k ", top_k);
}

static void set_tokens(struct flashlm_console *console, struct flashlm_words *words) {
    uint32_t tokens;
    if (!take_number(words, 0, 1, MOST_TOKENS, &tokens)) {
        print_error("tokens are 1 to 65535; for example /tokens 256");
        return;
    }
    console->settings.tokens = (uint16_t)tokens;
    print_pair("tokens ", tokens);
}

static void set_seed(struct flashlm_console *console, struct flashlm_words *words) {
    uint32_t seed;
    if (!take_number(words, 0, 0, 0xFFFFFFFFu, &seed)) {
        print_error("a seed is 0 to 4294967295; for example /seed 1");
        return;
    }
    console->settings.seed = seed;
    print_pair("seed ", seed);
}

static void set_trace(struct flashlm_console *console, struct flashlm_words *words) {
    uint32_t trace;
    if (!take_number(words, 0, 0, 1, &trace)) {
        print_error("trace is 0 or 1; for example /trace 1");
        return;
    }
    console->trace = (int)trace;
    print_pair("trace ", trace);
}

static void set_probe(struct flashlm_console *console, struct flashlm_words *words) {
    struct flashlm_probe_choice choice = {0, 0, 0, 0};
    if (!flashlm_words_take(words, "off")) {
        choice.is_set = flashlm_words_number(words, 0, &choice.step);
        if (choice.is_set && !flashlm_words_end(words)) {
            choice.has_point = flashlm_words_number(words, 0, &choice.point);
        }
        if (!choice.is_set) {
            print_error("a probe is a step, a step and a point, or off; for example /probe 5 7");
            return;
        }
    }
    if (!flashlm_words_end(words)) {
        print_error("a probe is a step, a step and a point, or off; for example /probe 5 7");
        return;
    }
    console->probe = choice;
    print_probe(console);
}

static void print_info(const struct flashlm_console *console) {
    flashlm_print("model " FLASHLM_NAME ", fingerprint ");
    flashlm_print_hexadecimal(FLASHLM_FINGERPRINT);
    print_pair(", parameters ", FLASHLM_PARAMETERS);
    flashlm_print_line_end();
    print_pair("shape: vocabulary ", FLASHLM_VOCABULARY);
    print_pair(", dimension ", FLASHLM_DIMENSION);
    print_pair(", blocks ", FLASHLM_BLOCKS);
    print_pair(", hidden ", FLASHLM_HIDDEN);
    print_pair(", taps ", FLASHLM_TAPS);
#if FLASHLM_MEMORY_HEADS > 0
    print_pair(", memory ", FLASHLM_MEMORY_HEADS);
    print_pair(" x ", FLASHLM_MEMORY_SLOTS);
#endif
#if FLASHLM_CLUSTERS > 0
    print_pair(", clusters ", FLASHLM_CLUSTERS);
#endif
    flashlm_print_line_end();
    print_pair("memory: image ", FLASHLM_IMAGE_BYTES);
    print_pair(" bytes of flash, state ", (uint32_t)sizeof(struct flashlm_console));
    print_pair(" and kernel " FLASHLM_KERNEL_NAME " ", FLASHLM_KERNEL_RAM_BYTES);
    flashlm_print(" bytes of RAM");
    flashlm_print_line_end();
    print_pair("last story: ", console->story.sampled);
    print_pair(" tokens, ", console->story.rows_read);
    flashlm_print(" rows of the embedding read");
    flashlm_print_line_end();
    flashlm_print("settings: ");
    print_temperature(console);
    print_pair(", top-k ", console->settings.top_k);
    print_pair(", tokens ", console->settings.tokens);
    print_pair(", seed ", console->settings.seed);
    print_pair(", trace ", (uint32_t)console->trace);
    flashlm_print(", ");
    print_probe(console);
}

static void print_help(void) {
    static const char *const lines[] = {
        "Type the beginning of a story and press Enter; an empty line begins one from nothing.",
        "/temp 0.8           temperature, 0 or 0.1 to 10; 0 always takes the likeliest token",
        "/topk 40            candidates for each token, 1 to 128",
        "/tokens 256         most tokens of a story, 1 to 65535",
        "/seed 1             another seed, another story",
        "/info               the model, the memory it takes, the last story, the settings",
        "/trace 0 or 1       checksums in place of text",
        "/probe STEP [POINT] in traced stories, the intermediate vectors of a step; /probe off ends it",
        "/help               this list",
    };
    uint32_t count = sizeof lines / sizeof lines[0];
    uint32_t i;
    for (i = 0; i < count; i++) {
        flashlm_print(lines[i]);
        if (i + 1 < count) {
            flashlm_print_line_end();
        }
    }
}

void flashlm_command(struct flashlm_console *console) {
    struct flashlm_words words;
    words.text = console->line;
    words.count = console->line_bytes;
    if (flashlm_words_take(&words, "/temp")) {
        set_temperature(console, &words);
    } else if (flashlm_words_take(&words, "/topk")) {
        set_top_k(console, &words);
    } else if (flashlm_words_take(&words, "/tokens")) {
        set_tokens(console, &words);
    } else if (flashlm_words_take(&words, "/seed")) {
        set_seed(console, &words);
    } else if (flashlm_words_take(&words, "/trace")) {
        set_trace(console, &words);
    } else if (flashlm_words_take(&words, "/probe")) {
        set_probe(console, &words);
    } else if (flashlm_words_take(&words, "/info") && flashlm_words_end(&words)) {
        print_info(console);
    } else if (flashlm_words_take(&words, "/help") && flashlm_words_end(&words)) {
        print_help();
    } else {
        print_error("unknown command; /help lists the commands");
    }
    flashlm_print_line_end();
}
