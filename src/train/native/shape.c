#include "shape.h"

size_t slot_count(const struct shape *shape) {
    return shape->memory_heads * shape->memory_slots;
}

size_t mixer_rows(const struct shape *shape) {
    return 2 * shape->dimension + 2 * slot_count(shape);
}

struct block_offsets block_offsets(const struct shape *shape, size_t block) {
    const size_t d = shape->dimension, hidden = shape->hidden;
    const size_t mixer_up = mixer_rows(shape) * d, taps = d * shape->kernel, slots = slot_count(shape);
    const size_t block_size = 2 * d + mixer_up + taps + slots + d * d + 3 * d * hidden;
    struct block_offsets offsets;
    offsets.norm_1 = shape->vocabulary * d + block * block_size;
    offsets.mixer_up = offsets.norm_1 + d;
    offsets.taps = offsets.mixer_up + mixer_up;
    offsets.write_bias = offsets.taps + taps;
    offsets.mixer_down = offsets.write_bias + slots;
    offsets.norm_2 = offsets.mixer_down + d * d;
    offsets.gate = offsets.norm_2 + d;
    offsets.up = offsets.gate + hidden * d;
    offsets.down = offsets.up + hidden * d;
    offsets.end = offsets.down + d * hidden;
    return offsets;
}

size_t final_norm_offset(const struct shape *shape) {
    return block_offsets(shape, shape->blocks - 1).end;
}

size_t clusters_offset(const struct shape *shape) {
    return final_norm_offset(shape) + shape->dimension;
}

size_t cluster_of_token_offset(const struct shape *shape) {
    return clusters_offset(shape) + shape->clusters * shape->dimension;
}

size_t parameter_count(const struct shape *shape) {
    return cluster_of_token_offset(shape) + (shape->clusters > 0 ? shape->vocabulary : 0);
}
