/*
 * As in the kernel: loads that GCC moves apart from their use need more registers than a Cortex-M has. Above the headers,
 * so that their functions can be inlined.
 */
#if defined(__ARM_FEATURE_DSP) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-schedule-insns")
#endif

#include "dot_product.h"

/*
 * An activation is loaded once for several rows, and the loop is unrolled over four columns. How the weights are best
 * loaded depends on the chip: most have an instruction that loads a byte with its sign. Xtensa has none, but it takes
 * a byte out of a register in one instruction; there weights are loaded four at a time. So they are where a chip
 * multiplies pairs.
 */
#define COLUMNS_OF_A_TURN 4
#define WHOLE_TURNS (FLASHLM_DIMENSION / COLUMNS_OF_A_TURN * COLUMNS_OF_A_TURN)

static int32_t multiply_row(const int8_t *row, const int16_t *activations) {
    int32_t sum = 0;
    uint32_t column;
    for (column = 0; column < FLASHLM_DIMENSION; column++) {
        sum += row[column] * (int32_t)activations[column];
    }
    return sum;
}

#if defined(__XTENSA__) && FLASHLM_DIMENSION % 4 == 0

#define ROWS_OF_A_TURN 2
#define WORDS_OF_A_ROW (FLASHLM_DIMENSION / COLUMNS_OF_A_TURN)

/* Flips the highest bit of four signed bytes: as unsigned numbers they are then 128 more. */
#define FLIP_SIGNS 0x80808080u
#define OFFSET 128

/* One column of two rows; the column's weights are the lowest bytes of both words. */
#define ADD_COLUMN(column)                             \
    do {                                               \
        int32_t activation = activations[column];      \
        first += (int32_t)(upper & 0xFFu) * activation;  \
        second += (int32_t)(lower & 0xFFu) * activation; \
        upper >>= 8;                                   \
        lower >>= 8;                                   \
    } while (0)

/*
 * sums[0..1] = the products of two neighbouring rows, all of whose weights are taken as 128 larger. That adds
 * 128 * total to each, where total is the sum of the activations. The sums stay below 2^31: d * 255 * 4096.
 */
static void multiply_rows(const int8_t *rows, const int16_t *activations, int32_t total, int32_t *sums) {
    const uint32_t *words = (const uint32_t *)(const void *)rows;
    const int16_t *const end = activations + FLASHLM_DIMENSION;
    int32_t first = -OFFSET * total;
    int32_t second = -OFFSET * total;
    while (activations != end) {
        uint32_t upper = words[0] ^ FLIP_SIGNS;
        uint32_t lower = words[WORDS_OF_A_ROW] ^ FLIP_SIGNS;
        ADD_COLUMN(0);
        ADD_COLUMN(1);
        ADD_COLUMN(2);
        ADD_COLUMN(3);
        words++;
        activations += COLUMNS_OF_A_TURN;
    }
    sums[0] = first;
    sums[1] = second;
}

static int32_t sum_of(const int16_t *activations) {
    int32_t sum = 0;
    uint32_t i;
    for (i = 0; i < FLASHLM_DIMENSION; i++) {
        sum += activations[i];
    }
    return sum;
}

#elif FLASHLM_PAIRS

#define ROWS_OF_A_TURN 4
#define WORDS_OF_A_ROW (FLASHLM_DIMENSION / COLUMNS_OF_A_TURN)

/* sums[0..3] = the products of four neighbouring rows. */
static void multiply_rows(const int8_t *rows, const int16_t *activations, int32_t total, int32_t *sums) {
    const flashlm_word *words = (const flashlm_word *)(const void *)rows;
    const flashlm_word *numbers = (const flashlm_word *)(const void *)activations;
    const flashlm_word *const end = words + WORDS_OF_A_ROW;
    int32_t first = 0;
    int32_t second = 0;
    int32_t third = 0;
    int32_t fourth = 0;
    (void)total;
    do {
        uint32_t even = flashlm_even_numbers(numbers[0], numbers[1]);
        uint32_t odd = flashlm_odd_numbers(numbers[0], numbers[1]);
        first = flashlm_add_four(first, words[0], even, odd);
        second = flashlm_add_four(second, words[WORDS_OF_A_ROW], even, odd);
        third = flashlm_add_four(third, words[2 * WORDS_OF_A_ROW], even, odd);
        fourth = flashlm_add_four(fourth, words[3 * WORDS_OF_A_ROW], even, odd);
        words++;
        numbers += 2;
    } while (words != end);
    sums[0] = first;
    sums[1] = second;
    sums[2] = third;
    sums[3] = fourth;
}

static int32_t sum_of(const int16_t *activations) {
    (void)activations;
    return 0;
}

#else

#define ROWS_OF_A_TURN 4

/* One column of four rows. */
#define ADD_COLUMN(column)                                            \
    do {                                                              \
        int32_t activation = activations[column];                     \
        first += rows[column] * activation;                           \
        second += rows[FLASHLM_DIMENSION + (column)] * activation;    \
        third += rows[2 * FLASHLM_DIMENSION + (column)] * activation;  \
        fourth += rows[3 * FLASHLM_DIMENSION + (column)] * activation; \
    } while (0)

/* sums[0..3] = the products of four neighbouring rows. */
static void multiply_rows(const int8_t *rows, const int16_t *activations, int32_t total, int32_t *sums) {
    const int16_t *const last_turn = activations + WHOLE_TURNS;
    const int16_t *const end = activations + FLASHLM_DIMENSION;
    int32_t first = 0;
    int32_t second = 0;
    int32_t third = 0;
    int32_t fourth = 0;
    (void)total;
    while (activations != last_turn) {
        ADD_COLUMN(0);
        ADD_COLUMN(1);
        ADD_COLUMN(2);
        ADD_COLUMN(3);
        rows += COLUMNS_OF_A_TURN;
        activations += COLUMNS_OF_A_TURN;
    }
    while (activations != end) {
        ADD_COLUMN(0);
        rows++;
        activations++;
    }
    sums[0] = first;
    sums[1] = second;
    sums[2] = third;
    sums[3] = fourth;
}

static int32_t sum_of(const int16_t *activations) {
    (void)activations;
    return 0;
}

#endif

void flashlm_dot_products(const int8_t *rows, uint32_t count, const int16_t *activations, int32_t *sums) {
    int32_t total = sum_of(activations);
    uint32_t done = 0;
    for (; count - done >= ROWS_OF_A_TURN; done += ROWS_OF_A_TURN) {
        multiply_rows(rows, activations, total, sums + done);
        rows += ROWS_OF_A_TURN * FLASHLM_DIMENSION;
    }
    for (; done < count; done++) {
        sums[done] = multiply_row(rows, activations);
        rows += FLASHLM_DIMENSION;
    }
}

#if FLASHLM_SCREEN_STAGES > 0 && FLASHLM_PAIRS

void flashlm_arrange_vector(int32_t *numbers, uint32_t count) {
    const int32_t *const end = numbers + count;
    int32_t *word = numbers;
    for (; numbers != end; numbers += COLUMNS_OF_A_TURN) {
        word[0] = (int32_t)flashlm_even_numbers((uint32_t)numbers[0], (uint32_t)numbers[2]);
        word[1] = (int32_t)flashlm_even_numbers((uint32_t)numbers[1], (uint32_t)numbers[3]);
        word += 2;
    }
}

void flashlm_gathered_products(const int8_t *const *rows, uint32_t columns, const int32_t *vector, int32_t *sums) {
    const flashlm_word *first = (const flashlm_word *)(const void *)rows[0];
    const flashlm_word *second = (const flashlm_word *)(const void *)rows[1];
    const flashlm_word *third = (const flashlm_word *)(const void *)rows[2];
    const flashlm_word *fourth = (const flashlm_word *)(const void *)rows[3];
    const int32_t *const end = vector + FLASHLM_VECTOR_WORDS(columns);
    int32_t first_sum = 0;
    int32_t second_sum = 0;
    int32_t third_sum = 0;
    int32_t fourth_sum = 0;
    do {
        uint32_t even = (uint32_t)vector[0];
        uint32_t odd = (uint32_t)vector[1];
        vector += 2;
        first_sum = flashlm_add_four(first_sum, *first++, even, odd);
        second_sum = flashlm_add_four(second_sum, *second++, even, odd);
        third_sum = flashlm_add_four(third_sum, *third++, even, odd);
        fourth_sum = flashlm_add_four(fourth_sum, *fourth++, even, odd);
    } while (vector != end);
    sums[0] = first_sum;
    sums[1] = second_sum;
    sums[2] = third_sum;
    sums[3] = fourth_sum;
}

#elif FLASHLM_SCREEN_STAGES > 0

void flashlm_arrange_vector(int32_t *numbers, uint32_t count) {
    (void)numbers;
    (void)count;
}

/* One column of four rows that lie anywhere. */
#define ADD_GATHERED(column)                \
    do {                                    \
        int32_t element = vector[column];   \
        first_sum += first[column] * element;   \
        second_sum += second[column] * element; \
        third_sum += third[column] * element;   \
        fourth_sum += fourth[column] * element; \
    } while (0)

void flashlm_gathered_products(const int8_t *const *rows, uint32_t columns, const int32_t *vector, int32_t *sums) {
    const int32_t *const last_turn = vector + columns / COLUMNS_OF_A_TURN * COLUMNS_OF_A_TURN;
    const int32_t *const end = vector + columns;
    const int8_t *first = rows[0];
    const int8_t *second = rows[1];
    const int8_t *third = rows[2];
    const int8_t *fourth = rows[3];
    int32_t first_sum = 0;
    int32_t second_sum = 0;
    int32_t third_sum = 0;
    int32_t fourth_sum = 0;
    while (vector != last_turn) {
        ADD_GATHERED(0);
        ADD_GATHERED(1);
        ADD_GATHERED(2);
        ADD_GATHERED(3);
        first += COLUMNS_OF_A_TURN;
        second += COLUMNS_OF_A_TURN;
        third += COLUMNS_OF_A_TURN;
        fourth += COLUMNS_OF_A_TURN;
        vector += COLUMNS_OF_A_TURN;
    }
    while (vector != end) {
        ADD_GATHERED(0);
        first++;
        second++;
        third++;
        fourth++;
        vector++;
    }
    sums[0] = first_sum;
    sums[1] = second_sum;
    sums[2] = third_sum;
    sums[3] = fourth_sum;
}

#endif
