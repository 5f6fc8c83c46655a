#include "shape.h"

struct block_offsets block_offsets(const struct shape *shape, size_t block) {
    const size_t d = shape->dimension, hidden = shape->hidden;
    const size_t block_size = 2 * d + 3 * d * d + d * shape->kernel + 3 * d * hidden;
    struct block_offsets offsets;
    offsets.norm_1 = shape->vocabulary * d + block * block_size;
    offsets.mixer_up = offsets.norm_1 + d;
    offsets.taps = offsets.mixer_up + 2 * d * d;
    offsets.mixer_down = offsets.taps + d * shape->kernel;
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

size_t parameter_count(const struct shape *shape) {
    return final_norm_offset(shape) + shape->dimension;
}
