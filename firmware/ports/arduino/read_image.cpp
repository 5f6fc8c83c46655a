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

/*
 * There is nothing to go on with: whatever lay in place of what was not read could be taken for a length or an index. So the
 * program ends here, and answers every line with the reason.
 */
static void complain_for_ever() {
    for (;;) {
        int byte = 0;
        Serial.print("\r\nerror: the image cannot be read from flash; switch the board off and on\r\n> ");
        while (byte != '\r' && byte != '\n') {
            byte = flashlm_port_get();
        }
    }
}

void flashlm_port_read(uint32_t offset, uint32_t *words, uint32_t bytes) {
    if (!ESP.flashRead(image_offset() + offset, words, bytes)) {
        complain_for_ever();
    }
}

#endif
