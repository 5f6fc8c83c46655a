#include "head.h"

#include "arithmetic.h"

/* Columns that one turn of the loops below takes. */
#define COLUMNS_OF_A_TURN 4
#define WHOLE_TURNS (FLASHLM_DIMENSION / COLUMNS_OF_A_TURN * COLUMNS_OF_A_TURN)

/* One column of four rows: the activation is loaded once and used four times. */
#define ADD_COLUMN(column)                                      \
    do {                                                        \
        int32_t activation = activations[column];               \
        first += row[column] * activation;                      \
        second += row[FLASHLM_DIMENSION + (column)] * activation;     \
        third += row[2 * FLASHLM_DIMENSION + (column)] * activation;  \
        fourth += row[3 * FLASHLM_DIMENSION + (column)] * activation; \
    } while (0)

/* sums[0..3] = the products of four neighbouring rows with the activations. */
static void multiply_four_rows(const int8_t *row, const int16_t *activations, int32_t *sums) {
    const int16_t *const last_turn = activations + WHOLE_TURNS;
    const int16_t *const end = activations + FLASHLM_DIMENSION;
    int32_t first = 0;
    int32_t second = 0;
    int32_t third = 0;
    int32_t fourth = 0;
    while (activations != last_turn) {
        ADD_COLUMN(0);
        ADD_COLUMN(1);
        ADD_COLUMN(2);
        ADD_COLUMN(3);
        row += COLUMNS_OF_A_TURN;
        activations += COLUMNS_OF_A_TURN;
    }
    while (activations != end) {
        ADD_COLUMN(0);
        row++;
        activations++;
    }
    sums[0] = first;
    sums[1] = second;
    sums[2] = third;
    sums[3] = fourth;
}

static int32_t multiply_row(const int8_t *row, const int16_t *activations) {
    int32_t sum = 0;
    uint32_t column;
    for (column = 0; column < FLASHLM_DIMENSION; column++) {
        sum += row[column] * (int32_t)activations[column];
    }
    return sum;
}

void flashlm_logits(const struct flashlm_state *state, uint32_t first, uint32_t count, int32_t *logits) {
    const int8_t *row = (const int8_t *)state->image + FLASHLM_OFFSET_EMBEDDING + first * FLASHLM_DIMENSION;
    const uint16_t *multipliers =
        (const uint16_t *)flashlm_image_shorts(state, FLASHLM_OFFSET_EMBEDDING_MULTIPLIER) + first;
    int32_t shift = FLASHLM_HEAD_RIGHT_SHIFT - state->exponent;
    uint32_t done = 0;
    uint32_t i;
    for (; count - done >= 4; done += 4) {
        multiply_four_rows(row, state->activations, logits + done);
        row += 4 * FLASHLM_DIMENSION;
    }
    for (; done < count; done++) {
        logits[done] = multiply_row(row, state->activations);
        row += FLASHLM_DIMENSION;
    }
    for (i = 0; i < count; i++) {
        int32_t wide = logits[i] * ((int32_t)1 << FLASHLM_HEAD_LEFT_SHIFT);
        logits[i] = flashlm_scale_shift(flashlm_fraction_multiply(wide, multipliers[i]), shift, FLASHLM_LOGIT_LIMIT);
    }
}
