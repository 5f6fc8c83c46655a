#include "recurrence.h"

#include <string.h>

#include "vector_math.h"

/*
 * Tokens whose states are kept at once. The backward pass needs the state of every token; it keeps those at the
 * beginning of each segment, and computes the others of a segment again when it arrives there: they stay in the cache.
 */
enum { SEGMENT = 16 };

/* The token that begins a story: END_OF_STORY in src/tokenizer/tokenizer.ts. */
enum { STORY_BEGIN = 0 };

static size_t state_length(const struct recurrence *shape) {
    return shape->heads * shape->slots * shape->width;
}

static size_t segment_count(size_t tokens) {
    return (tokens + SEGMENT - 1) / SEGMENT;
}

size_t recurrence_workspace_length(const struct recurrence *shape, size_t tokens) {
    /* The segments' beginnings; the states before and after each token of one; the state's gradient. */
    return (segment_count(tokens) + SEGMENT + 1 + 1) * state_length(shape);
}

static void clear(float *values, size_t count) {
    memset(values, 0, count * sizeof *values);
}

/* The state [heads x slots x width] after one token. */
static void advance(float *state, const float *gates, const float *values, const struct recurrence *shape) {
    for (size_t head = 0; head < shape->heads; head++) {
        const float *value = values + head * shape->width;
        for (size_t slot = head * shape->slots; slot < (head + 1) * shape->slots; slot++) {
            float *restrict row = state + slot * shape->width;
            for (size_t c = 0; c < shape->width; c++) row[c] += gates[slot] * (value[c] - row[c]);
        }
    }
}

/* mixed [heads x width] += what the slots give */
static void read_state(float *mixed, const float *state, const float *reads, const struct recurrence *shape) {
    for (size_t head = 0; head < shape->heads; head++) {
        float *restrict out = mixed + head * shape->width;
        for (size_t slot = head * shape->slots; slot < (head + 1) * shape->slots; slot++) {
            const float *row = state + slot * shape->width;
            for (size_t c = 0; c < shape->width; c++) out[c] += reads[slot] * row[c];
        }
    }
}

void recurrence_forward(float *mixed, float *gates, const float *values, size_t stride,
                        const struct memory_inputs *inputs, const float *bias, const int32_t *ids, size_t tokens,
                        const struct recurrence *shape, float *workspace) {
    const size_t slots = shape->heads * shape->slots, channels = shape->heads * shape->width;
    float *state = workspace;
    clear(state, state_length(shape));
    for (size_t token = 0; token < tokens; token++) {
        const float *value = values + token * stride;
        const float *write = inputs->writes + token * inputs->stride;
        float *restrict gate = gates + token * slots;
        for (size_t slot = 0; slot < slots; slot++) gate[slot] = sigmoid(write[slot] + bias[slot]);
        if (ids[token] == STORY_BEGIN) clear(state, state_length(shape));
        advance(state, gate, value, shape);
        memcpy(mixed + token * stride, value, channels * sizeof *mixed);
        read_state(mixed + token * stride, state, inputs->reads + token * inputs->stride, shape);
    }
}

/* Fills starts [segments x state] with the state before the first token of each segment. */
static void compute_segment_starts(float *starts, const float *gates, const float *values, size_t stride,
                                   const int32_t *ids, size_t tokens, const struct recurrence *shape) {
    const size_t size = state_length(shape), slots = shape->heads * shape->slots;
    clear(starts, size);
    for (size_t segment = 0; segment + 1 < segment_count(tokens); segment++) {
        float *state = starts + (segment + 1) * size;
        memcpy(state, state - size, size * sizeof *state);
        for (size_t token = segment * SEGMENT; token < (segment + 1) * SEGMENT; token++) {
            if (ids[token] == STORY_BEGIN) clear(state, size);
            advance(state, gates + token * slots, values + token * stride, shape);
        }
    }
}

/* What one token's gradients are computed from and written to; the vectors of the token. */
struct token_gradients {
    const float *before; /* the state that the token finds */
    const float *after;
    const float *value;
    const float *read;
    const float *gate;
    const float *d_mixed;
    float *d_value;
    float *d_read;
    float *d_write;
};

/* Takes d_state from after the token to before it. */
static void step_back(float *d_state, float *dbias, const struct token_gradients *at, const struct recurrence *shape) {
    memcpy(at->d_value, at->d_mixed, shape->heads * shape->width * sizeof(float));
    for (size_t head = 0; head < shape->heads; head++) {
        const float *upstream = at->d_mixed + head * shape->width;
        const float *value = at->value + head * shape->width;
        float *restrict d_value = at->d_value + head * shape->width;
        for (size_t slot = head * shape->slots; slot < (head + 1) * shape->slots; slot++) {
            const float *before = at->before + slot * shape->width, *after = at->after + slot * shape->width;
            float *restrict d_row = d_state + slot * shape->width;
            const float read = at->read[slot], gate = at->gate[slot];
            float d_read = 0, d_gate = 0;
            for (size_t c = 0; c < shape->width; c++) {
                const float d_after = d_row[c] + read * upstream[c];
                d_read += upstream[c] * after[c];
                d_gate += d_after * (value[c] - before[c]);
                d_value[c] += gate * d_after;
                d_row[c] = (1 - gate) * d_after;
            }
            at->d_read[slot] = d_read;
            at->d_write[slot] = d_gate * gate * (1 - gate);
            dbias[slot] += at->d_write[slot];
        }
    }
}

void recurrence_backward(float *d_values, float *d_reads, float *d_writes, float *dbias, const float *d_mixed,
                         const float *gates, const float *values, size_t stride, const struct memory_inputs *inputs,
                         const int32_t *ids, size_t tokens, const struct recurrence *shape, float *workspace) {
    const size_t size = state_length(shape), slots = shape->heads * shape->slots;
    float *starts = workspace;
    float *states = starts + segment_count(tokens) * size;
    float *d_state = states + (SEGMENT + 1) * size;
    compute_segment_starts(starts, gates, values, stride, ids, tokens, shape);
    clear(d_state, size);
    for (size_t segment = segment_count(tokens); segment-- > 0;) {
        const size_t first = segment * SEGMENT, last = first + SEGMENT < tokens ? first + SEGMENT : tokens;
        memcpy(states, starts + segment * size, size * sizeof *states);
        for (size_t token = first; token < last; token++) {
            float *before = states + (token - first) * size;
            if (ids[token] == STORY_BEGIN) clear(before, size);
            memcpy(before + size, before, size * sizeof *before);
            advance(before + size, gates + token * slots, values + token * stride, shape);
        }
        for (size_t token = last; token-- > first;) {
            const float *before = states + (token - first) * size;
            const struct token_gradients at = {.before = before,
                                               .after = before + size,
                                               .value = values + token * stride,
                                               .read = inputs->reads + token * inputs->stride,
                                               .gate = gates + token * slots,
                                               .d_mixed = d_mixed + token * stride,
                                               .d_value = d_values + token * stride,
                                               .d_read = d_reads + token * inputs->stride,
                                               .d_write = d_writes + token * inputs->stride};
            step_back(d_state, dbias, &at, shape);
            if (ids[token] == STORY_BEGIN) clear(d_state, size);
        }
    }
}
