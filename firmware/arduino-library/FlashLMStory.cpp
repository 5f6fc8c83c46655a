#include "FlashLM.h"
#include "core/image.h"
#include "core/tokenizer.h"
#include "ports/port.h"

/* What the console begins with: docs/console.md, /topk. */
static const uint16_t TOP_K = 40;

static bool isTemperature(uint16_t thousandths) {
    return thousandths == 0 || (thousandths >= 100 && thousandths <= 10000);
}

static uint32_t lengthOf(const char *text) {
    uint32_t length = 0;
    while (text[length] != '\0') {
        length++;
    }
    return length;
}

bool FlashLMStory::begin(const char *prompt, uint32_t seed, uint16_t thousandths, uint16_t tokens) {
    struct flashlm_damage damage;
    struct flashlm_settings settings;
    image = flashlm_image_start();
    bytes = nullptr;
    count = 0;
    settings.seed = seed;
    settings.thousandths = thousandths;
    settings.top_k = TOP_K;
    settings.tokens = tokens;
    story.complete = 1;
    if (tokens == 0 || !isTemperature(thousandths) || !flashlm_image_check(image, &damage)) {
        return false;
    }
    flashlm_story_start(&story, image, &settings, reinterpret_cast<const uint8_t *>(prompt), lengthOf(prompt), 0);
    return true;
}

bool FlashLMStory::next() {
    while (!story.complete) {
        const uint32_t sampled = story.sampled;
        flashlm_story_step(&story);
        flashlm_port_rest();
        if (story.sampled > sampled) {
            bytes = flashlm_decode(image, story.token, &count);
            return true;
        }
    }
    return false;
}
