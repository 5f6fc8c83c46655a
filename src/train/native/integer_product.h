/*
 * Products of matrices that were rounded to 16-bit integers, with 32-bit sums: twice the rate of float products where
 * the processor has the instruction for it (x86 VNNI's VPDPWSSD, two multiplications and additions a lane).
 *
 * A real value is an integer times a unit; every row of the left and every column of the right operand has a unit of
 * its own. Units are chosen so that no sum can overflow: the integers of a vector have a Euclidean norm of at most
 * LARGEST_NORM, and |sum of products| <= product of the norms (Cauchy and Schwarz) < 2^31. Against the vector's own
 * norm the error of rounding is about 1e-4 for depths up to DEPTH_LIMIT.
 *
 * Integers lie in pairs along the depth: number k in the low half of an int32, number k + pairs in its high half, so
 * that both are read from neighbouring places when many pairs are made at once. A panel holds 32 columns: [pairs][32].
 */
#ifndef INTEGER_PRODUCT_H
#define INTEGER_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PANEL_COLUMNS = 32, DEPTH_LIMIT = 1024 };

/* Whether the processor, as compiled for, has the instruction. Without it the products are correct, but slow. */
bool has_integer_products(void);

static inline size_t pair_count(size_t depth) {
    return (depth + 1) / 2;
}

/* A pair of integers, given as floats without a fraction and within 16 bits. */
static inline int32_t pair_of(float first, float second) {
    return (int32_t)(((uint32_t)(int32_t)first & 0xffff) | (uint32_t)(int32_t)second << 16);
}

/* Pairs in all panels of a matrix, columns padded to whole panels. */
static inline size_t panel_pairs(size_t columns, size_t depth) {
    return (columns + PANEL_COLUMNS - 1) / PANEL_COLUMNS * PANEL_COLUMNS * pair_count(depth);
}

/* Place of a column's first pair; the next ones follow PANEL_COLUMNS further on. */
static inline size_t panel_position(size_t column, size_t depth) {
    return column / PANEL_COLUMNS * PANEL_COLUMNS * pair_count(depth) + column % PANEL_COLUMNS;
}

/*
 * Rounds the rows of x [rows x depth]: pairs [rows x pair_count(depth)], units [rows]. `for_digits` says that the
 * other operand holds nothing but -1, 0 and 1, which allows the full 16 bits.
 */
void round_rows(int32_t *pairs, float *units, const float *x, size_t stride, size_t rows, size_t depth,
                bool for_digits);

/* Rounds the columns of x [depth x columns] into panels; units [columns]. */
void round_columns(int32_t *panels, float *units, const float *x, size_t stride, size_t depth, size_t columns);

/* y [rows x columns] = left rows times right panels; `column_units` NULL stands for ones. */
void multiply_rows(float *y, size_t y_stride, const int32_t *left, const float *row_units, const int32_t *right,
                   const float *column_units, size_t rows, size_t columns, size_t depth, bool accumulate);

/* y [rows x columns] += left panels, transposed, times right panels. */
void multiply_transposed(float *y, size_t y_stride, const int32_t *left, const float *row_units, const int32_t *right,
                         const float *column_units, size_t rows, size_t columns, size_t depth);

#endif
