/* The weights of one step, ternarised and prepared once for all threads. */
#ifndef STEP_WEIGHTS_H
#define STEP_WEIGHTS_H

#include <stdbool.h>

#include "clustered_head.h"
#include "shape.h"
#include "ternary_layer.h"
#include "thread_pool.h"
#include "tied_head.h"

struct block_weights {
    struct ternary_layer mixer_up;   /* [mixer_rows x dimension] */
    struct ternary_layer mixer_down; /* [dimension x dimension] */
    struct ternary_layer gate_up;    /* [2 hidden x dimension]: the gate and up matrices */
    struct ternary_layer down;       /* [dimension x hidden] */
};

struct step_weights {
    struct shape shape;
    bool integers;
    struct embedding embedding; /* with clusters: their rows, the head's first level */
    struct clustered_embedding clustered; /* the head's second level */
    struct block_weights *blocks;
    float *memory;
};

/* `integers` chooses integer_product.h for all that it is good for. Returns false where memory is short. */
bool step_weights_create(struct step_weights *step, const struct shape *shape, bool integers);
void step_weights_destroy(struct step_weights *step);

/* Computes all from the latent parameters [parameter_count(shape)], which must stay in place during the step. */
void step_weights_prepare(struct step_weights *step, const float *parameters, struct thread_pool *pool);

#endif
