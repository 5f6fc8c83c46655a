/* Forward and backward pass of one sequence through the whole model, on one thread. */
#ifndef SEQUENCE_PASS_H
#define SEQUENCE_PASS_H

#include <stdbool.h>
#include <stdint.h>

#include "shape.h"
#include "step_weights.h"

/* What the passes keep and overwrite; one for each thread. */
struct sequence_memory;

/* For sequences of up to `length` tokens. Returns NULL where memory is short. */
struct sequence_memory *sequence_memory_create(const struct shape *shape, size_t length);
void sequence_memory_destroy(struct sequence_memory *memory);

/*
 * Sum of the cross-entropy in nats of the tokens window[1..length] given those before them.
 *
 * gradient [parameter_count(shape)] += gradient_scale times the gradient of that sum; NULL to compute the loss only.
 */
double sequence_loss(struct sequence_memory *memory, const struct step_weights *weights, const float *parameters,
                     const int32_t *window, size_t length, float gradient_scale, float *gradient);

/* logits [length x vocabulary], without gaps, after each of the tokens [length]. */
void sequence_logits(struct sequence_memory *memory, const struct step_weights *weights, const float *parameters,
                     const int32_t *tokens, size_t length, float *logits);

#endif
