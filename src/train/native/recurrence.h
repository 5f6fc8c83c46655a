/*
 * The memory behind a mixer's convolution: a gated linear recurrence (docs/arithmetic.md, "memory").
 *
 * Head g owns `width` = dimension / heads neighbouring channels and `slots` rows S [slots x width] of state. At each token
 * the rows move towards the channels' new values v, each by its own write gate w, and are then read:
 *
 *     S[s] += w[s] (v - S[s]),   mixed = v + sum over the head's slots of read[s] S[s]
 *
 * The state is empty at the beginning of a sequence and of a story.
 */
#ifndef RECURRENCE_H
#define RECURRENCE_H

#include <stddef.h>
#include <stdint.h>

struct recurrence {
    size_t heads;
    size_t slots; /* of each head */
    size_t width; /* channels of each head */
};

/* What a token's part of the up projection gives the memory, m = heads x slots; rows with a common stride. */
struct memory_inputs {
    const float *reads;  /* [tokens x m] */
    const float *writes; /* [tokens x m]: write gates before bias and sigmoid */
    size_t stride;
};

/* Floats that the passes need to work. */
size_t recurrence_workspace_length(const struct recurrence *shape, size_t tokens);

/*
 * mixed [tokens x heads width], from values of the same shape and stride. `ids` [tokens] tell where stories begin.
 * gates [tokens x m] receives the opened write gates, for the backward pass.
 */
void recurrence_forward(float *mixed, float *gates, const float *values, size_t stride,
                        const struct memory_inputs *inputs, const float *bias, const int32_t *ids, size_t tokens,
                        const struct recurrence *shape, float *workspace);

/*
 * d_values, d_reads and d_writes (with the stride of the inputs) receive gradients, dbias [m] += that of the biases;
 * d_mixed is given.
 */
void recurrence_backward(float *d_values, float *d_reads, float *d_writes, float *dbias, const float *d_mixed,
                         const float *gates, const float *values, size_t stride, const struct memory_inputs *inputs,
                         const int32_t *ids, size_t tokens, const struct recurrence *shape, float *workspace);

#endif
