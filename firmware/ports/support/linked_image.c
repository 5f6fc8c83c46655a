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

/* Where the controller's data registers would be: the words that the last command asked for. */
static const uint32_t *data_registers;

/* @param address in bytes */
static void send_read_command(uint32_t address) {
    data_registers = flashlm_image + address / 4;
}

void flashlm_port_read(uint32_t offset, uint32_t *words, uint32_t bytes) {
    uint32_t done = 0;
    while (done < bytes / 4) {
        uint32_t left = bytes / 4 - done;
        uint32_t turn = left < WORDS_OF_A_COMMAND ? left : WORDS_OF_A_COMMAND;
        uint32_t i;
        send_read_command(offset + 4 * done);
        for (i = 0; i < turn; i++) {
            words[done + i] = data_registers[i];
        }
        done += turn;
    }
}

#endif
