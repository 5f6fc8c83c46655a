#include "integer_product.h"

#include <math.h>

#include "vector_math.h"

#if defined(__AVX512VNNI__) && defined(__AVX512F__)
#include <immintrin.h>
#define INTEGER_PRODUCTS 1
#endif

/* Square root of 2^31, less what rounding may add to a norm of DEPTH_LIMIT values. */
static const float LARGEST_NORM = 46300;
static const float LARGEST_INTEGER = 32767;

/* Returns the unit. */
static float round_row(int32_t *restrict pairs, const float *row, size_t depth, bool for_digits) {
    float square_sum = 0;
    for (size_t k = 0; k < depth; k++) square_sum += row[k] * row[k];
    const float by_size = largest_magnitude(row, depth) / LARGEST_INTEGER, by_norm = sqrtf(square_sum) / LARGEST_NORM;
    const float unit = for_digits || by_size > by_norm ? by_size : by_norm;
    const float inverse = unit > 0 ? 1 / unit : 0;
    const size_t pair_total = pair_count(depth), whole = depth - pair_total;
    const float *second = row + pair_total;
    for (size_t k = 0; k < whole; k++) pairs[k] = pair_of(rintf(row[k] * inverse), rintf(second[k] * inverse));
    if (whole < pair_total) pairs[whole] = pair_of(rintf(row[whole] * inverse), 0);
    return unit;
}

void round_rows(int32_t *pairs, float *units, const float *x, size_t stride, size_t rows, size_t depth,
                bool for_digits) {
    for (size_t row = 0; row < rows; row++) {
        units[row] = round_row(pairs + row * pair_count(depth), x + row * stride, depth, for_digits);
    }
}

/* Columns that are rounded together, so that rows are read in runs of memory. */
enum { COLUMNS_TOGETHER = 8 * PANEL_COLUMNS };

/* Units of `width` columns, and their inverses. */
static void choose_units(float *restrict units, float *restrict inverses, const float *x, size_t stride, size_t depth,
                         size_t width) {
    float largest[COLUMNS_TOGETHER] = {0}, square_sum[COLUMNS_TOGETHER] = {0};
    for (size_t k = 0; k < depth; k++) {
        const float *in = x + k * stride;
        for (size_t c = 0; c < width; c++) {
            const float size = fabsf(in[c]);
            largest[c] = size > largest[c] ? size : largest[c];
            square_sum[c] += size * size;
        }
    }
    for (size_t c = 0; c < width; c++) {
        const float by_size = largest[c] / LARGEST_INTEGER, by_norm = sqrtf(square_sum[c]) / LARGEST_NORM;
        units[c] = by_size > by_norm ? by_size : by_norm;
        inverses[c] = units[c] > 0 ? 1 / units[c] : 0;
    }
}

void round_columns(int32_t *panels, float *units, const float *x, size_t stride, size_t depth, size_t columns) {
    const size_t pairs = pair_count(depth);
    for (size_t group = 0; group < columns; group += COLUMNS_TOGETHER) {
        const size_t left = columns - group, group_width = left < COLUMNS_TOGETHER ? left : COLUMNS_TOGETHER;
        float inverses[COLUMNS_TOGETHER];
        choose_units(units + group, inverses, x + group, stride, depth, group_width);
        for (size_t k = 0; k < pairs; k++) {
            for (size_t first = 0; first < group_width; first += PANEL_COLUMNS) {
                const size_t width = group_width - first < PANEL_COLUMNS ? group_width - first : PANEL_COLUMNS;
                const float *upper = x + k * stride + group + first;
                const float *lower = upper + pairs * stride;
                const float *inverse = inverses + first;
                int32_t *restrict out = panels + (group + first) * pairs + k * PANEL_COLUMNS;
                if (k + pairs < depth) {
                    for (size_t c = 0; c < width; c++) {
                        out[c] = pair_of(rintf(upper[c] * inverse[c]), rintf(lower[c] * inverse[c]));
                    }
                } else {
                    for (size_t c = 0; c < width; c++) out[c] = pair_of(rintf(upper[c] * inverse[c]), 0);
                }
                for (size_t c = width; c < PANEL_COLUMNS; c++) out[c] = 0;
            }
        }
    }
}

enum { TILE_ROWS = 8, PANELS_IN_GROUP = 16 };

#ifdef INTEGER_PRODUCTS

enum { LANES = 16 };

bool has_integer_products(void) {
    return true;
}

/*
 * One tile of the result, `rows` by one panel's columns. `rows` and the steps are constants where this is inlined, so
 * that the sums stay in registers.
 */
static inline __attribute__((always_inline)) void
multiply_tile(float *y, size_t y_stride, const int32_t *left, size_t row_step, size_t pair_step, const float *row_units,
              const int32_t *panel, const float *column_units, size_t pairs, size_t rows, size_t columns,
              bool accumulate) {
    __m512i sums[TILE_ROWS][2];
#pragma GCC unroll 8
    for (size_t row = 0; row < rows; row++) {
        sums[row][0] = sums[row][1] = _mm512_setzero_si512();
        /* What is added to comes from far while the sums are made. */
        if (accumulate) __builtin_prefetch(y + row * y_stride, 1);
        if (accumulate) __builtin_prefetch(y + row * y_stride + LANES, 1);
    }
    for (size_t k = 0; k < pairs; k++) {
        const __m512i near = _mm512_loadu_si512(panel + k * PANEL_COLUMNS);
        const __m512i far = _mm512_loadu_si512(panel + k * PANEL_COLUMNS + LANES);
#pragma GCC unroll 8
        for (size_t row = 0; row < rows; row++) {
            const __m512i pair = _mm512_set1_epi32(left[row * row_step + k * pair_step]);
            sums[row][0] = _mm512_dpwssd_epi32(sums[row][0], near, pair);
            sums[row][1] = _mm512_dpwssd_epi32(sums[row][1], far, pair);
        }
    }
#pragma GCC unroll 8
    for (size_t row = 0; row < rows; row++) {
#pragma GCC unroll 2
        for (size_t half = 0; half < 2; half++) {
            const size_t first = half * LANES;
            if (first >= columns) break;
            const __mmask16 mask = columns - first < LANES ? (__mmask16)((1u << (columns - first)) - 1) : 0xffff;
            float *target = y + row * y_stride + first;
            __m512 value = _mm512_mul_ps(_mm512_cvtepi32_ps(sums[row][half]), _mm512_set1_ps(row_units[row]));
            if (column_units != NULL) value = _mm512_mul_ps(value, _mm512_maskz_loadu_ps(mask, column_units + first));
            if (accumulate) value = _mm512_add_ps(value, _mm512_maskz_loadu_ps(mask, target));
            _mm512_mask_storeu_ps(target, mask, value);
        }
    }
}

#else

bool has_integer_products(void) {
    return false;
}

/* The same in plain C, for tests of the arithmetic: slower than float products. */
static inline void multiply_tile(float *y, size_t y_stride, const int32_t *left, size_t row_step, size_t pair_step,
                                 const float *row_units, const int32_t *panel, const float *column_units, size_t pairs,
                                 size_t rows, size_t columns, bool accumulate) {
    for (size_t row = 0; row < rows; row++) {
        float *target = y + row * y_stride;
        for (size_t column = 0; column < columns; column++) {
            int32_t sum = 0;
            for (size_t k = 0; k < pairs; k++) {
                const int32_t a = left[row * row_step + k * pair_step], b = panel[k * PANEL_COLUMNS + column];
                sum += (int16_t)a * (int16_t)b + (a >> 16) * (b >> 16);
            }
            const float value = (float)sum * row_units[row] * (column_units == NULL ? 1 : column_units[column]);
            target[column] = accumulate ? target[column] + value : value;
        }
    }
}

#endif

/* `left` holds rows one after another, or panels. */
static inline __attribute__((always_inline)) void
multiply(float *y, size_t y_stride, const int32_t *left, bool left_in_panels, const float *row_units,
         const int32_t *right, const float *column_units, size_t rows, size_t columns, size_t depth, bool accumulate) {
    const size_t pairs = pair_count(depth);
    const size_t row_step = left_in_panels ? 1 : pairs, pair_step = left_in_panels ? PANEL_COLUMNS : 1;
    for (size_t group = 0; group < columns; group += PANELS_IN_GROUP * PANEL_COLUMNS) {
        const size_t group_end = group + PANELS_IN_GROUP * PANEL_COLUMNS;
        const size_t last = group_end < columns ? group_end : columns;
        for (size_t row = 0, step; row < rows; row += step) {
            step = row + TILE_ROWS <= rows ? TILE_ROWS : 1;
            const int32_t *left_tile = left + (left_in_panels ? panel_position(row, depth) : row * pairs);
            for (size_t column = group; column < last; column += PANEL_COLUMNS) {
                float *target = y + row * y_stride + column;
                const int32_t *panel = right + column * pairs;
                const float *units = column_units == NULL ? NULL : column_units + column;
                const size_t width = columns - column < PANEL_COLUMNS ? columns - column : PANEL_COLUMNS;
                if (step == TILE_ROWS) {
                    multiply_tile(target, y_stride, left_tile, row_step, pair_step, row_units + row, panel, units,
                                  pairs, TILE_ROWS, width, accumulate);
                } else {
                    multiply_tile(target, y_stride, left_tile, row_step, pair_step, row_units + row, panel, units,
                                  pairs, 1, width, accumulate);
                }
            }
        }
    }
}

void multiply_rows(float *y, size_t y_stride, const int32_t *left, const float *row_units, const int32_t *right,
                   const float *column_units, size_t rows, size_t columns, size_t depth, bool accumulate) {
    multiply(y, y_stride, left, false, row_units, right, column_units, rows, columns, depth, accumulate);
}

void multiply_transposed(float *y, size_t y_stride, const int32_t *left, const float *row_units, const int32_t *right,
                         const float *column_units, size_t rows, size_t columns, size_t depth) {
    multiply(y, y_stride, left, true, row_units, right, column_units, rows, columns, depth, true);
}
