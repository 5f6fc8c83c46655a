/*
 * The line console of docs/console.md: lines come in, stories and answers go out.
 *
 * A program either calls flashlm_console_run, which waits for bytes itself, or flashlm_console_start once and then
 * flashlm_console_receive with every byte as it comes.
 */
#ifndef FLASHLM_CONSOLE_H
#define FLASHLM_CONSOLE_H

#include <stdint.h>

#include "../core/image.h"
#include "../core/story.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FLASHLM_LONGEST_LINE 255

/** Which step's intermediate vectors the next traced story shows. */
struct flashlm_probe_choice {
    int is_set;
    uint32_t step;
    int has_point;  /* whether the elements of a vector are shown as well */
    uint32_t point;
};

struct flashlm_console {
    flashlm_place image;
    int image_is_whole;
    struct flashlm_damage damage;
    struct flashlm_settings settings;
    int trace;
    struct flashlm_probe_choice probe;
    struct flashlm_story story;
    uint8_t line[FLASHLM_LONGEST_LINE];
    uint32_t line_bytes;       /* may count beyond the buffer: the line is too long */
    int line_feed_is_ignored;  /* the last byte was the CR of a CR LF */
};

/** Checks the image and prints the banner and the prompt. */
void flashlm_console_start(void);

/** Takes a byte of input; returns when its line, if it ended one, has been answered. */
void flashlm_console_receive(uint8_t byte);

/** Starts, and serves the port until its input ends. */
void flashlm_console_run(void);

#ifdef __cplusplus
}
#endif

#endif
