#include "two_cores.h"

#if FLASHLM_CORES == 2

#include "dot_product.h"
#include "kernel.h"
#include "second_core.h"

/* The sums that the second core adds up on its own; no matrix has more rows than the work buffer. */
#define LARGER(a, b) ((a) > (b) ? (a) : (b))
#define MOST_ROWS LARGER(2 * FLASHLM_HIDDEN, FLASHLM_MIXER_ROWS)

static int32_t second_sums[MOST_ROWS];

enum second_core { NOT_ASKED, ABSENT, PRESENT };

static enum second_core second_core = NOT_ASKED;

static int has_second_core(void) {
    if (second_core == NOT_ASKED) {
        second_core = flashlm_second_core_start() ? PRESENT : ABSENT;
    }
    return second_core == PRESENT;
}

/* The second core's columns of a ternary product. */
struct ternary_job {
    const uint8_t *weights;
    const int16_t *activations;
    uint32_t rows;
    uint32_t columns;
};

static void run_ternary_job(const void *argument) {
    const struct ternary_job *job = (const struct ternary_job *)argument;
    flashlm_partial_product(1, job->weights, job->rows, job->columns, job->activations, second_sums);
}

/*
 * Each core takes half of the quads of columns, and so builds half of the tables: by rows, both would have to build all
 * of them. The second core has the incomplete quad and the odd one, because the first adds the halves up.
 */
void flashlm_ternary_product(const uint8_t *weights, uint32_t rows, uint32_t columns, const int16_t *activations,
                             int32_t *accumulators) {
    const uint32_t quads = (columns + FLASHLM_QUAD_COLUMNS - 1) / FLASHLM_QUAD_COLUMNS;
    const uint32_t own_quads = quads / 2;
    const uint32_t own_columns = own_quads * FLASHLM_QUAD_COLUMNS;
    struct ternary_job job;
    uint32_t row;
    if (own_quads == 0 || !has_second_core()) {
        flashlm_partial_product(0, weights, rows, columns, activations, accumulators);
        return;
    }
    job.weights = weights + own_quads * rows * 4;
    job.activations = activations + own_columns;
    job.rows = rows;
    job.columns = columns - own_columns;
    flashlm_second_core_begin(run_ternary_job, &job);
    flashlm_partial_product(0, weights, rows, own_columns, activations, accumulators);
    flashlm_second_core_wait();
    for (row = 0; row < rows; row++) {
        accumulators[row] += second_sums[row];
    }
}

/* The second core's rows of the output head. */
struct dot_job {
    const int8_t *rows;
    const int16_t *activations;
    int32_t *sums;
    uint32_t count;
};

static void run_dot_job(const void *argument) {
    const struct dot_job *job = (const struct dot_job *)argument;
    flashlm_dot_products(job->rows, job->count, job->activations, job->sums);
}

/* dot_product.c takes up to this many rows at a time: a half should be a multiple. */
#define ROWS_TOGETHER 4

void flashlm_split_dot_products(const int8_t *rows, uint32_t count, const int16_t *activations, int32_t *sums) {
    const uint32_t own = count / (2 * ROWS_TOGETHER) * ROWS_TOGETHER;
    struct dot_job job;
    if (own == 0 || !has_second_core()) {
        flashlm_dot_products(rows, count, activations, sums);
        return;
    }
    job.rows = rows + own * FLASHLM_DIMENSION;
    job.activations = activations;
    job.sums = sums + own;
    job.count = count - own;
    flashlm_second_core_begin(run_dot_job, &job);
    flashlm_dot_products(rows, own, activations, sums);
    flashlm_second_core_wait();
}

#else

/* C wants something in every file. */
typedef int flashlm_one_core_computes;

#endif
