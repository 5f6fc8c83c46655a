#include "step_weights.h"

#include <stdlib.h>

#include "memory.h"

enum { LAYERS_PER_BLOCK = 4 };

bool step_weights_create(struct step_weights *step, const struct shape *shape, bool integers) {
    const size_t d = shape->dimension, hidden = shape->hidden;
    const size_t mixer_up = ternary_layer_length(mixer_rows(shape), d, integers);
    const size_t mixer_down = ternary_layer_length(d, d, integers);
    const size_t gate_up = ternary_layer_length(2 * hidden, d, integers);
    const size_t down = ternary_layer_length(d, hidden, integers);
    const size_t head_rows = shape->clusters > 0 ? shape->clusters : shape->vocabulary;
    const size_t embedding = embedding_length(head_rows, d, integers);
    step->shape = *shape;
    step->integers = integers;
    step->memory = allocate_floats(embedding + shape->blocks * (mixer_up + mixer_down + gate_up + down));
    step->blocks = calloc(shape->blocks, sizeof *step->blocks);
    const bool clustered = shape->clusters == 0 || clustered_embedding_create(&step->clustered, shape->vocabulary, d,
                                                                              shape->clusters);
    if (step->memory == NULL || step->blocks == NULL || !clustered) {
        step_weights_destroy(step);
        return false;
    }
    step->embedding = embedding_at(step->memory, head_rows, d, integers);
    float *memory = step->memory + embedding;
    for (size_t block = 0; block < shape->blocks; block++) {
        struct block_weights *weights = &step->blocks[block];
        weights->mixer_up = ternary_layer_at(memory, mixer_rows(shape), d, integers);
        weights->mixer_down = ternary_layer_at(memory += mixer_up, d, d, integers);
        weights->gate_up = ternary_layer_at(memory += mixer_down, 2 * hidden, d, integers);
        weights->down = ternary_layer_at(memory += gate_up, d, hidden, integers);
        memory += down;
    }
    return true;
}

void step_weights_destroy(struct step_weights *step) {
    clustered_embedding_destroy(&step->clustered);
    free(step->memory);
    free(step->blocks);
    *step = (struct step_weights){0};
}

struct preparation {
    struct step_weights *step;
    const float *parameters;
};

/* Layers are dealt out in turn; of the embedding, each thread prepares a share. */
static void prepare_share(void *context, size_t thread, size_t threads) {
    const struct preparation *task = context;
    struct step_weights *step = task->step;
    for (size_t layer = thread; layer < step->shape.blocks * LAYERS_PER_BLOCK; layer += threads) {
        const size_t block = layer / LAYERS_PER_BLOCK;
        const struct block_offsets at = block_offsets(&step->shape, block);
        struct block_weights *weights = &step->blocks[block];
        switch (layer % LAYERS_PER_BLOCK) {
        case 0: ternary_layer_prepare(&weights->gate_up, task->parameters + at.gate, 2); break;
        case 1: ternary_layer_prepare(&weights->down, task->parameters + at.down, 1); break;
        case 2: ternary_layer_prepare(&weights->mixer_up, task->parameters + at.mixer_up, 1); break;
        default: ternary_layer_prepare(&weights->mixer_down, task->parameters + at.mixer_down, 1); break;
        }
    }
    embedding_prepare(&step->embedding, step->embedding.floats.values, thread, threads);
    if (step->shape.clusters > 0) {
        clustered_embedding_prepare(&step->clustered, task->parameters, thread, threads);
    }
}

void step_weights_prepare(struct step_weights *step, const float *parameters, struct thread_pool *pool) {
    const struct shape *shape = &step->shape;
    step->embedding.floats.values = parameters;
    if (shape->clusters > 0) {
        step->embedding.floats.values = parameters + clusters_offset(shape);
        clustered_embedding_sort(&step->clustered, parameters + cluster_of_token_offset(shape));
    }
    struct preparation task = {.step = step, .parameters = parameters};
    thread_pool_run(pool, prepare_share, &task);
}
