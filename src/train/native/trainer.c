#include "trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adamw.h"
#include "memory.h"
#include "muon.h"
#include "sequence_pass.h"
#include "step_weights.h"
#include "thread_pool.h"

/* What belongs to one thread. */
struct thread_memory {
    struct sequence_memory *sequence;
    float *gradient; /* [parameter_count]; that of the first thread is the caller's */
    float *muon_workspace;
    double loss;
    double square_sum;
};

struct trainer {
    struct shape shape;
    struct trainer_vectors vectors;
    struct step_weights weights;
    struct thread_pool *pool;
    size_t threads;
    struct thread_memory *memories;
};

struct trainer *trainer_create(const struct shape *shape, size_t length, size_t threads, bool integers,
                               const struct trainer_vectors *vectors) {
    struct trainer *trainer = calloc(1, sizeof *trainer);
    if (trainer == NULL) return NULL;
    trainer->shape = *shape;
    trainer->vectors = *vectors;
    trainer->threads = threads;
    trainer->memories = calloc(threads, sizeof *trainer->memories);
    trainer->pool = thread_pool_create(threads);
    bool complete = trainer->memories != NULL && trainer->pool != NULL &&
                    step_weights_create(&trainer->weights, shape, integers);
    const size_t widest = shape->hidden > mixer_rows(shape) ? shape->hidden : mixer_rows(shape);
    for (size_t i = 0; complete && i < threads; i++) {
        struct thread_memory *memory = &trainer->memories[i];
        memory->sequence = sequence_memory_create(shape, length);
        memory->gradient = i == 0 ? vectors->gradient : allocate_floats(parameter_count(shape));
        memory->muon_workspace = allocate_floats(muon_workspace_length(widest, shape->dimension));
        complete = memory->sequence != NULL && memory->gradient != NULL && memory->muon_workspace != NULL;
    }
    if (complete) return trainer;
    trainer_destroy(trainer);
    return NULL;
}

void trainer_destroy(struct trainer *trainer) {
    if (trainer == NULL) return;
    for (size_t i = 0; trainer->memories != NULL && i < trainer->threads; i++) {
        sequence_memory_destroy(trainer->memories[i].sequence);
        free(trainer->memories[i].muon_workspace);
        if (i > 0) free(trainer->memories[i].gradient);
    }
    free(trainer->memories);
    step_weights_destroy(&trainer->weights);
    thread_pool_destroy(trainer->pool);
    free(trainer);
}

struct batch {
    struct trainer *trainer;
    const int32_t *windows;
    size_t sequences;
    size_t length;
    bool with_gradient;
};

/* A thread's share of the sequences, into its own gradient. */
static void compute_share(void *context, size_t thread, size_t threads) {
    const struct batch *batch = context;
    struct trainer *trainer = batch->trainer;
    struct thread_memory *memory = &trainer->memories[thread];
    float *gradient = batch->with_gradient ? memory->gradient : NULL;
    const float scale = 1.0f / (float)(batch->sequences * batch->length);
    if (gradient != NULL) memset(gradient, 0, parameter_count(&trainer->shape) * sizeof(float));
    memory->loss = 0;
    const size_t last = first_item(batch->sequences, thread + 1, threads);
    for (size_t sequence = first_item(batch->sequences, thread, threads); sequence < last; sequence++) {
        memory->loss += sequence_loss(memory->sequence, &trainer->weights, trainer->vectors.parameters,
                                      batch->windows + sequence * (batch->length + 1), batch->length, scale, gradient);
    }
}

/* A thread's range of the parameters: adds the gradients of all threads into the first's. */
static void reduce_share(void *context, size_t thread, size_t threads) {
    struct trainer *trainer = context;
    const size_t count = parameter_count(&trainer->shape);
    const size_t first = first_item(count, thread, threads), last = first_item(count, thread + 1, threads);
    float *restrict sum = trainer->vectors.gradient;
    for (size_t other = 1; other < threads; other++) {
        const float *addend = trainer->memories[other].gradient;
        for (size_t i = first; i < last; i++) sum[i] += addend[i];
    }
    double square_sum = 0;
    for (size_t i = first; i < last; i++) square_sum += (double)sum[i] * sum[i];
    trainer->memories[thread].square_sum = square_sum;
}

struct batch_result trainer_compute(struct trainer *trainer, const int32_t *windows, size_t sequences, size_t length,
                                    bool with_gradient) {
    step_weights_prepare(&trainer->weights, trainer->vectors.parameters, trainer->pool);
    struct batch batch = {trainer, windows, sequences, length, with_gradient};
    thread_pool_run(trainer->pool, compute_share, &batch);
    if (with_gradient) thread_pool_run(trainer->pool, reduce_share, trainer);
    double loss = 0, square_sum = 0;
    for (size_t i = 0; i < trainer->threads; i++) {
        loss += trainer->memories[i].loss;
        square_sum += trainer->memories[i].square_sum;
    }
    return (struct batch_result){.loss = loss / (double)(sequences * length),
                                 .gradient_norm = with_gradient ? sqrt(square_sum) : 0};
}

struct update {
    const struct trainer *trainer;
    const struct optimizer_step *step;
    const struct parameter_group *groups;
    size_t group_count;
};

/* A range of what AdamW updates, and every so manieth matrix of Muon. */
static void update_share(void *context, size_t thread, size_t threads) {
    const struct update *update = context;
    const size_t count = parameter_count(&update->trainer->shape);
    adamw_update(&update->trainer->vectors, update->step, update->groups, update->group_count,
                 first_item(count, thread, threads), first_item(count, thread + 1, threads));
    float *workspace = update->trainer->memories[thread].muon_workspace;
    size_t offset = 0, matrix = 0;
    for (size_t i = 0; i < update->group_count; i++) {
        const struct parameter_group *group = &update->groups[i];
        if (group->rows > 0 && matrix++ % threads == thread) {
            muon_update(&update->trainer->vectors, update->step, group, offset, workspace);
        }
        offset = group->end;
    }
}

void trainer_update(struct trainer *trainer, const struct optimizer_step *step, const struct parameter_group *groups,
                    size_t group_count) {
    struct update update = {trainer, step, groups, group_count};
    thread_pool_run(trainer->pool, update_share, &update);
}

void trainer_logits(struct trainer *trainer, const int32_t *tokens, size_t length, float *logits) {
    step_weights_prepare(&trainer->weights, trainer->vectors.parameters, trainer->pool);
    sequence_logits(trainer->memories[0].sequence, &trainer->weights, trainer->vectors.parameters, tokens, length,
                    logits);
}
