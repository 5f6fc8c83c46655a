/*
 * The image is linked into the program, as the generated array flashlm_image, and mapped into memory. Where an ESP32 has RAM outside the chip, which is
 * faster than flash, it is read from a copy there.
 *
 * The array is made of words so that the compiler aligns it; it is never written, so that reading it as bytes and
 * 16-bit numbers is safe.
 */
#include <Arduino.h>

#include "../../model/flashlm_model.h"
#include "../port.h"

#if FLASHLM_PAGE_BYTES == 0

static const void *fastest_place() {
#if defined(ESP_PLATFORM) && defined(BOARD_HAS_PSRAM)
    uint32_t *copy = static_cast<uint32_t *>(ps_malloc(FLASHLM_IMAGE_BYTES));
    if (copy != nullptr) {
        for (uint32_t word = 0; word < FLASHLM_IMAGE_BYTES / 4; word++) {
            copy[word] = flashlm_image[word];
        }
        return copy;
    }
#endif
    return flashlm_image;
}

const uint8_t *flashlm_port_image(void) {
    static const void *image = nullptr;
    if (image == nullptr) {
        image = fastest_place();
    }
    return static_cast<const uint8_t *>(image);
}

#endif
