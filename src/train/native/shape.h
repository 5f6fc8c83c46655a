/* The shape of a model and where its parameters lie in the flat vector. */
#ifndef SHAPE_H
#define SHAPE_H

#include <stddef.h>

struct shape {
    size_t vocabulary;
    size_t dimension;
    size_t blocks;
    size_t hidden;
    size_t kernel;
    size_t memory_heads; /* 0: the mixers have no memory */
    size_t memory_slots; /* of each head */
    size_t clusters;     /* of the vocabulary, for a two-level softmax; 0: one softmax over all of it */
};

/* Slots of all heads. */
size_t slot_count(const struct shape *shape);

/* Rows of mixer_up: gates [dimension], values [dimension], reads [slot_count], writes [slot_count]. */
size_t mixer_rows(const struct shape *shape);

/* First elements of a block's parameters, in the order of src/model/parameters.ts. */
struct block_offsets {
    size_t norm_1;     /* [dimension] */
    size_t mixer_up;   /* [mixer_rows x dimension] */
    size_t taps;       /* [dimension x kernel] */
    size_t write_bias; /* [slot_count] */
    size_t mixer_down; /* [dimension x dimension] */
    size_t norm_2;     /* [dimension] */
    size_t gate;       /* [hidden x dimension] */
    size_t up;         /* [hidden x dimension], right behind the gate */
    size_t down;       /* [dimension x hidden] */
    size_t end;
};

/* The embedding [vocabulary x dimension] lies at 0. */
struct block_offsets block_offsets(const struct shape *shape, size_t block);
size_t final_norm_offset(const struct shape *shape);
/* [clusters x dimension]; behind it the cluster of each token [vocabulary], as a float that stays as it is */
size_t clusters_offset(const struct shape *shape);
size_t cluster_of_token_offset(const struct shape *shape);
size_t parameter_count(const struct shape *shape);

#endif
