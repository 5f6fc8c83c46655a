/*
 * The image is linked into the program, as the generated array flashlm_image, behind everything else: an AVR's pointers
 * have 16 bits, and what lies beyond the first 64 KB is read with another instruction, which avr-libc knows.
 */
#if defined(__AVR__)

#include <avr/pgmspace.h>

#include "../../model/flashlm_model.h"
#include "../port.h"

void flashlm_port_read(uint32_t offset, uint32_t *words, uint32_t bytes) {
    memcpy_PF(words, pgm_get_far_address(flashlm_image) + offset, (size_t)bytes);
}

#else

/* C wants something in every file; sketches for other chips have this one, too. */
typedef int flashlm_is_no_avr;

#endif
