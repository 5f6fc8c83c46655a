/*
 * The flash of an ESP8266: a megabyte of it is mapped into memory, from its start, and there only in words. All of it can be
 * read through its controller, which the core does in flashRead. The image is linked into the program, or, where there is no
 * room for it, lies at an offset of its own.
 */
#include <Arduino.h>

#include "../../model/flashlm_model.h"
#include "../port.h"

#if FLASHLM_PAGE_BYTES > 0 && defined(ARDUINO_ARCH_ESP8266)

static uint32_t image_offset() {
#if defined(FLASHLM_IMAGE_OFFSET)
    return FLASHLM_IMAGE_OFFSET;
#else
    static const uintptr_t mapped_flash = 0x40200000;
    return reinterpret_cast<uintptr_t>(flashlm_image) - mapped_flash;
#endif
}

void flashlm_port_read(uint32_t offset, uint32_t *words, uint32_t bytes) {
    ESP.flashRead(image_offset() + offset, words, bytes);
}

#endif
