/*
 * FlashLM: a language model that tells stories, as an Arduino library.
 *
 * FlashLM.begin() and FlashLM.serve() put the whole console on the serial port. A FlashLMStory is one story, piece by
 * piece, for a sketch that has its own idea of where the words go. Use the one or the other: each keeps the model's
 * state in RAM for itself.
 */
#ifndef FLASHLM_LIBRARY_H
#define FLASHLM_LIBRARY_H

#include <stddef.h>
#include <stdint.h>

#include "core/story.h"

/** The console on Serial: type the beginning of a story, or /help. */
class FlashLMConsole {
public:
    /** Opens Serial at 115200 baud, checks the model and prints the first prompt. Call it in setup(). */
    void begin();

    /** Takes what has been typed; returns when a line, if one ended, has been answered. Call it in loop(). */
    void serve();
};

/** The only console that there is. */
extern FlashLMConsole FlashLM;

/** A story that the sketch takes piece by piece. It needs some 25 KB of RAM, so make it a global variable. */
class FlashLMStory {
public:
    /**
     * Begins a story.
     *
     * @param prompt its beginning; the text must stay where it is until the story is over
     * @param seed the same seed tells the same story
     * @param thousandths temperature times 1000: 0 for the likeliest words, else 100 to 10000
     * @param tokens the most that are told, at least 1
     * @return false, and there is no story, if the model in flash is damaged or a number is out of its range
     */
    bool begin(const char *prompt, uint32_t seed = 1, uint16_t thousandths = 800, uint16_t tokens = 256);

    /** Finds the next piece, which may take a second; false once the story is over. */
    bool next();

    /** The bytes of the last piece, until the next one: not terminated by a zero, and not always whole UTF-8 characters. */
    const uint8_t *piece() const { return bytes; }

    /** How many bytes the last piece has. */
    size_t length() const { return count; }

private:
    flashlm_place image;
    const uint8_t *bytes;
    uint32_t count;
    struct flashlm_story story;
};

#endif
