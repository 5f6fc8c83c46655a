/*
 * The ternary matrix product: docs/arithmetic.md, section 5.
 *
 * Nearly all of the model's weights are multiplied here, so the function is generated for the model and the chip
 * (templates/kernels); every kernel gives the same sums.
 */
#ifndef FLASHLM_KERNEL_H
#define FLASHLM_KERNEL_H

#include <stdint.h>

#include "read.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Columns are packed in quads: four bytes of a row hold this many weights. */
#define FLASHLM_QUAD_COLUMNS 20

/**
 * accumulators[row] = sum over columns of weight[row][column] * activations[column]
 *
 * @param weights packed as in docs/image-format.md, ceil(columns / 20) * rows * 4 bytes
 * @param activations [columns], |value| <= 4096; a kernel may read, and then ignores, what follows up to the next
 *                    multiple of 20, which must also keep to 4096
 * @param accumulators [rows]
 */
void flashlm_ternary_product(flashlm_place weights, uint32_t rows, uint32_t columns, const int16_t *activations,
                             int32_t *accumulators);

/**
 * Generated in place of flashlm_ternary_product, which two_cores.c then makes of it, where two cores share the work:
 * the same product, with the tables of one core.
 *
 * @param core 0 or 1; both may be at work at the same time
 */
void flashlm_partial_product(uint32_t core, flashlm_place weights, uint32_t rows, uint32_t columns,
                             const int16_t *activations, int32_t *accumulators);

#ifdef __cplusplus
}
#endif

#endif
