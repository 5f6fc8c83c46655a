/*
 * Is the model in flash whole, and is it the one that this program was generated for?
 */
#ifndef FLASHLM_IMAGE_H
#define FLASHLM_IMAGE_H

#include <stdint.h>

#include "constant.h"
#include "read.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The first part of an image that is damaged. */
struct flashlm_damage {
    flashlm_text section; /* name as in docs/image-format.md, or "header" */
    int32_t block;        /* -1 where the section belongs to no block */
};

/**
 * Checks header, section table and the CRC-32 of every section.
 *
 * @return 1 if all is well; else 0, and `damage` says where
 */
int flashlm_image_check(flashlm_place image, struct flashlm_damage *damage);

#ifdef __cplusplus
}
#endif

#endif
