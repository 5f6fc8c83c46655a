/*
 * The image is linked into the program, as the generated array flashlm_image.
 *
 * The array is made of words so that the compiler aligns it; it is never written, so that reading it as bytes and
 * 16-bit numbers is safe.
 */
#include "../../model/flashlm_model.h"
#include "../port.h"

const uint8_t *flashlm_port_image(void) {
    return (const uint8_t *)flashlm_image;
}
