#include "matrix_product.h"

#include <dlfcn.h>
#include <string.h>

/* ---- A BLAS that was loaded at run time, through the standard C interface (cblas.h). ---- */

enum { BLAS_ROW_MAJOR = 101, BLAS_PLAIN = 111, BLAS_TRANSPOSED = 112 };

typedef void (*cblas_sgemm_function)(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha,
                                     const float *a, int a_stride, const float *b, int b_stride, float beta, float *c,
                                     int c_stride);

static cblas_sgemm_function blas_sgemm;

bool load_blas(const char *library) {
    if (library == NULL) {
        blas_sgemm = NULL;
        return true;
    }
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) return false;
    /* POSIX's way to turn an object pointer into a function pointer without leaving ISO C. */
    cblas_sgemm_function sgemm = NULL;
    *(void **)&sgemm = dlsym(handle, "cblas_sgemm");
    if (sgemm == NULL) return false;
    /* The trainer's own threads divide the work; threads below them would only wait for each other. */
    void (*set_threads)(int) = NULL;
    *(void **)&set_threads = dlsym(handle, "openblas_set_num_threads");
    if (set_threads != NULL) set_threads(1);
    blas_sgemm = sgemm;
    return true;
}

/* ---- The built-in kernel: tiles of the result in registers, the right operand packed into panels. ---- */

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#define TILE_ROWS 8
#elif defined(__AVX__)
#define VECTOR_BYTES 32
#define TILE_ROWS 4
#else
#define VECTOR_BYTES 16
#define TILE_ROWS 4
#endif
#define LANES (VECTOR_BYTES / sizeof(float))
#define TILE_COLUMNS (2 * LANES)

/* Depth of a block: a panel of it (TILE_COLUMNS wide) stays in a first-level cache of 32 KiB. */
#define DEPTH_BLOCK 192
/* Panels that take turns on the same rows of a: their part of a result row lies in few memory pages. */
#define PANELS_IN_GROUP 16

typedef float vector __attribute__((vector_size(VECTOR_BYTES)));
/* The same anywhere in an array of floats. */
typedef float unaligned_vector __attribute__((vector_size(VECTOR_BYTES), aligned(4), may_alias));

size_t activation_stride(size_t columns) {
    const size_t line = 64 / sizeof(float);
    size_t stride = (columns + line - 1) / line * line;
    return stride % (4 * line) == 0 ? stride + line : stride;
}

static size_t panels_of(size_t columns) {
    return (columns + TILE_COLUMNS - 1) / TILE_COLUMNS;
}

size_t forward_panel_count(const struct weights *weights) {
    return panels_of(weights->outputs);
}

size_t backward_panel_count(const struct weights *weights) {
    return panels_of(weights->inputs);
}

size_t forward_panel_length(size_t outputs, size_t inputs) {
    return panels_of(outputs) * TILE_COLUMNS * inputs;
}

size_t backward_panel_length(size_t outputs, size_t inputs) {
    return panels_of(inputs) * TILE_COLUMNS * outputs;
}

/* One panel: columns first..first+TILE_COLUMNS-1 of b [depth x columns], zeros beyond the last column. */
static void pack_panel(float *restrict panel, const float *restrict b, size_t stride, size_t depth, size_t first,
                       size_t columns) {
    const size_t width = columns - first < TILE_COLUMNS ? columns - first : TILE_COLUMNS;
    for (size_t k = 0; k < depth; k++) {
        memcpy(panel + k * TILE_COLUMNS, b + k * stride + first, width * sizeof(float));
        memset(panel + k * TILE_COLUMNS + width, 0, (TILE_COLUMNS - width) * sizeof(float));
    }
}

void pack_backward_panels(const struct weights *weights, size_t first_panel, size_t last_panel) {
    for (size_t panel = first_panel; panel < last_panel; panel++) {
        pack_panel(weights->backward_panels + panel * TILE_COLUMNS * weights->outputs, weights->values,
                   weights->inputs, weights->outputs, panel * TILE_COLUMNS, weights->inputs);
    }
}

void pack_forward_panels(const struct weights *weights, size_t first_panel, size_t last_panel) {
    const size_t inputs = weights->inputs;
    for (size_t panel = first_panel; panel < last_panel; panel++) {
        float *packed = weights->forward_panels + panel * TILE_COLUMNS * inputs;
        for (size_t column = 0; column < TILE_COLUMNS; column++) {
            const size_t output = panel * TILE_COLUMNS + column;
            if (output < weights->outputs) {
                const float *row = weights->values + output * inputs;
                for (size_t k = 0; k < inputs; k++) packed[k * TILE_COLUMNS + column] = row[k];
            } else {
                for (size_t k = 0; k < inputs; k++) packed[k * TILE_COLUMNS + column] = 0;
            }
        }
    }
}

/*
 * c [rows x columns] (+)= a [rows x depth] times one packed panel. `rows` and the steps of a are constants where this
 * is inlined, so that the sums stay in registers.
 */
static inline __attribute__((always_inline)) void
multiply_tile(float *restrict c, size_t c_stride, const float *restrict a, size_t row_step, size_t depth_step,
              const float *restrict panel, size_t depth, size_t rows, size_t columns, bool accumulate) {
    vector sums[TILE_ROWS][2];
#pragma GCC unroll 8
    for (size_t row = 0; row < rows; row++) sums[row][0] = sums[row][1] = (vector){0};
    for (size_t k = 0; k < depth; k++) {
        const vector left = *(const unaligned_vector *)(panel + k * TILE_COLUMNS);
        const vector right = *(const unaligned_vector *)(panel + k * TILE_COLUMNS + LANES);
#pragma GCC unroll 8
        for (size_t row = 0; row < rows; row++) {
            const float factor = a[row * row_step + k * depth_step];
            sums[row][0] += factor * left;
            sums[row][1] += factor * right;
        }
    }
    if (columns == TILE_COLUMNS) {
#pragma GCC unroll 8
        for (size_t row = 0; row < rows; row++) {
            unaligned_vector *target = (unaligned_vector *)(c + row * c_stride);
            if (accumulate) {
                sums[row][0] += target[0];
                sums[row][1] += target[1];
            }
            target[0] = sums[row][0];
            target[1] = sums[row][1];
        }
    } else {
        for (size_t row = 0; row < rows; row++) {
            const float *sum = (const float *)sums[row];
            float *target = c + row * c_stride;
            for (size_t i = 0; i < columns; i++) target[i] = accumulate ? target[i] + sum[i] : sum[i];
        }
    }
}

/* c [rows x columns] (+)= a times packed panels, a being [rows x depth] or, transposed, [depth x rows]. */
static inline __attribute__((always_inline)) void
multiply_panels(float *c, size_t c_stride, const float *a, size_t a_stride, bool transposed, const float *panels,
                size_t rows, size_t columns, size_t depth, bool accumulate) {
    const size_t row_step = transposed ? 1 : a_stride;
    const size_t depth_step = transposed ? a_stride : 1;
    for (size_t start = 0; start < depth; start += DEPTH_BLOCK) {
        const size_t block = depth - start < DEPTH_BLOCK ? depth - start : DEPTH_BLOCK;
        const bool add = accumulate || start > 0;
        for (size_t group = 0; group < columns; group += PANELS_IN_GROUP * TILE_COLUMNS) {
            const size_t group_end = group + PANELS_IN_GROUP * TILE_COLUMNS;
            const size_t last = group_end < columns ? group_end : columns;
            for (size_t row = 0, step; row < rows; row += step) {
                step = row + TILE_ROWS <= rows ? TILE_ROWS : 1;
                for (size_t column = group; column < last; column += TILE_COLUMNS) {
                    const float *panel = panels + column * depth + start * TILE_COLUMNS;
                    const size_t width = columns - column < TILE_COLUMNS ? columns - column : TILE_COLUMNS;
                    const float *a_tile = a + start * depth_step + row * row_step;
                    float *c_tile = c + row * c_stride + column;
                    if (step == TILE_ROWS) {
                        multiply_tile(c_tile, c_stride, a_tile, row_step, depth_step, panel, block, TILE_ROWS, width,
                                      add);
                    } else {
                        multiply_tile(c_tile, c_stride, a_tile, row_step, depth_step, panel, block, 1, width, add);
                    }
                }
            }
        }
    }
}

/* ---- The three products. ---- */

void product_forward(float *y, size_t y_stride, const float *x, size_t x_stride, size_t tokens,
                     const struct weights *weights) {
    if (blas_sgemm != NULL) {
        blas_sgemm(BLAS_ROW_MAJOR, BLAS_PLAIN, BLAS_TRANSPOSED, (int)tokens, (int)weights->outputs,
                   (int)weights->inputs, 1, x, (int)x_stride, weights->values, (int)weights->inputs, 0, y,
                   (int)y_stride);
        return;
    }
    multiply_panels(y, y_stride, x, x_stride, false, weights->forward_panels, tokens, weights->outputs,
                    weights->inputs, false);
}

void product_backward(float *dx, size_t dx_stride, const float *dy, size_t dy_stride, size_t tokens,
                      const struct weights *weights) {
    if (blas_sgemm != NULL) {
        blas_sgemm(BLAS_ROW_MAJOR, BLAS_PLAIN, BLAS_PLAIN, (int)tokens, (int)weights->inputs, (int)weights->outputs,
                   1, dy, (int)dy_stride, weights->values, (int)weights->inputs, 0, dx, (int)dx_stride);
        return;
    }
    multiply_panels(dx, dx_stride, dy, dy_stride, false, weights->backward_panels, tokens, weights->inputs,
                    weights->outputs, false);
}

/* Rows of dW that are computed together: their columns of dy are gathered into few memory pages first. */
enum { GATHERED_ROWS = 80 };

size_t gradient_workspace_length(size_t inputs, size_t tokens) {
    return (panels_of(inputs) * TILE_COLUMNS + GATHERED_ROWS) * tokens;
}

void product_gradient(float *dw, size_t outputs, size_t inputs, const float *dy, size_t dy_stride, const float *x,
                      size_t x_stride, size_t tokens, float *workspace) {
    if (blas_sgemm != NULL) {
        blas_sgemm(BLAS_ROW_MAJOR, BLAS_TRANSPOSED, BLAS_PLAIN, (int)outputs, (int)inputs, (int)tokens, 1, dy,
                   (int)dy_stride, x, (int)x_stride, 1, dw, (int)inputs);
        return;
    }
    float *gathered = workspace;
    float *panels = workspace + GATHERED_ROWS * tokens;
    for (size_t first = 0; first < inputs; first += TILE_COLUMNS) {
        pack_panel(panels + first * tokens, x, x_stride, tokens, first, inputs);
    }
    for (size_t first = 0; first < outputs; first += GATHERED_ROWS) {
        const size_t rows = outputs - first < GATHERED_ROWS ? outputs - first : GATHERED_ROWS;
        for (size_t token = 0; token < tokens; token++) {
            memcpy(gathered + token * GATHERED_ROWS, dy + token * dy_stride + first, rows * sizeof(float));
        }
        multiply_panels(dw + first * inputs, inputs, gathered, GATHERED_ROWS, true, panels, rows, inputs, tokens, true);
    }
}
