/*
 * FlashLM v4 in training: loss, gradient and AdamW over a flat vector of parameters, data-parallel over threads.
 *
 * The same seed, data and number of threads give the same bits: sequences and ranges of parameters belong to fixed
 * threads, and sums over threads are taken in their order.
 */
#ifndef TRAINER_H
#define TRAINER_H

#include <stdbool.h>
#include <stdint.h>

#include "shape.h"

struct trainer;

/* Memory of the caller, each [parameter_count(shape)]; it must outlive the trainer. */
struct trainer_vectors {
    float *parameters;
    float *gradient;
    float *first_moment;
    float *second_moment;
};

struct batch_result {
    double loss;          /* mean over tokens, in nats */
    double gradient_norm; /* Euclidean; 0 without a gradient */
};

/* A run of parameters that share their settings: of AdamW, or with `rows` > 0 one matrix for Muon. */
struct parameter_group {
    size_t end; /* one past the last element; groups follow each other from 0 */
    float learning_rate;
    float weight_decay;
    size_t rows;
    size_t columns;
};

struct optimizer_step {
    size_t step;          /* counts from 1 */
    float gradient_scale; /* factor from clipping */
    float beta_1;
    float beta_2;
    float epsilon;
};

/*
 * `length` is the longest sequence; `integers` chooses integer_product.h where that is exact enough. Returns NULL where
 * memory or threads are short.
 */
struct trainer *trainer_create(const struct shape *shape, size_t length, size_t threads, bool integers,
                               const struct trainer_vectors *vectors);
void trainer_destroy(struct trainer *trainer);

/* windows [sequences x (length + 1)]: inputs are all but the last, targets all but the first. */
struct batch_result trainer_compute(struct trainer *trainer, const int32_t *windows, size_t sequences, size_t length,
                                    bool with_gradient);

void trainer_update(struct trainer *trainer, const struct optimizer_step *step, const struct parameter_group *groups,
                    size_t group_count);

/* logits [length x vocabulary] after each of the tokens */
void trainer_logits(struct trainer *trainer, const int32_t *tokens, size_t length, float *logits);

#endif
