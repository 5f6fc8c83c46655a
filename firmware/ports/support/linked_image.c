/*
 * The image is linked into the program, as the generated array flashlm_image.
 *
 * The array is made of words so that the compiler aligns it; it is never written, so that reading it as bytes and
 * 16-bit numbers is safe.
 */
#include "../../model/flashlm_model.h"
#include "../port.h"

#if FLASHLM_PAGE_BYTES == 0

const uint8_t *flashlm_port_image(void) {
    return (const uint8_t *)flashlm_image;
}

#else

/*
 * A stand-in for flash that is not mapped into memory: for firmware that would read it through a controller, on a machine
 * that has none. Like the controller of an ESP8266, it hands over sixteen words for each command.
 */
#define WORDS_OF_A_COMMAND 16u

static uint32_t data_registers[WORDS_OF_A_COMMAND];

/* Fills the data registers; the address counts bytes. */
static void send_read_command(uint32_t address) {
    uint32_t i;
    for (i = 0; i < WORDS_OF_A_COMMAND && address / 4 + i < FLASHLM_IMAGE_BYTES / 4; i++) {
        data_registers[i] = flashlm_image[address / 4 + i];
    }
}

void flashlm_port_read(uint32_t offset, uint32_t *words, uint32_t bytes) {
    uint32_t i;
    for (i = 0; i < bytes / 4; i++) {
        if (i % WORDS_OF_A_COMMAND == 0) {
            send_read_command(offset + 4 * i);
        }
        words[i] = data_registers[i % WORDS_OF_A_COMMAND];
    }
}

#endif
