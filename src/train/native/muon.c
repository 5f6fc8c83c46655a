#include "muon.h"

#include <math.h>
#include <string.h>

#include "matrix_product.h"

/* Coefficients of the quintic Newton-Schulz iteration, and how often it runs. */
static const float FIRST = 3.4445f, THIRD = -4.7750f, FIFTH = 2.0315f;
enum { ITERATIONS = 5 };

/* Share of the old momentum that is kept. */
static const float MOMENTUM = 0.95f;

/* Makes an update as large as AdamW usually takes at the same learning rate (Liu et al., 2025). */
static const float SIZE_OF_ADAMW = 0.2f;

static size_t panels_length(size_t rows, size_t columns) {
    const size_t forward = forward_panel_length(rows, columns), backward = backward_panel_length(rows, columns);
    return forward > backward ? forward : backward;
}

size_t muon_workspace_length(size_t rows, size_t columns) {
    const size_t less = rows < columns ? rows : columns, more = rows < columns ? columns : rows;
    return 2 * less * more + 2 * less * less + panels_length(less, more) + panels_length(less, less);
}

/*
 * Brings the singular values of x [rows x columns], rows <= columns and x of norm 1 at most, near 1:
 * x = a x + (b s + c s s) x with s = x x^T, a few times.
 */
static void orthogonalise(float *x, size_t rows, size_t columns, float *memory) {
    float *next = memory;
    float *square = next + rows * columns;
    float *polynomial = square + rows * rows;
    float *panels = polynomial + rows * rows;
    for (int i = 0; i < ITERATIONS; i++) {
        struct weights wide = {
            .outputs = rows, .inputs = columns, .values = x, .forward_panels = panels, .backward_panels = panels};
        struct weights narrow = {.outputs = rows, .inputs = rows, .values = square, .forward_panels = panels};
        pack_forward_panels(&wide, 0, forward_panel_count(&wide));
        product_forward(square, rows, x, columns, rows, &wide);
        pack_forward_panels(&narrow, 0, forward_panel_count(&narrow));
        product_forward(polynomial, rows, square, rows, rows, &narrow);
        for (size_t k = 0; k < rows * rows; k++) polynomial[k] = THIRD * square[k] + FIFTH * polynomial[k];
        pack_backward_panels(&wide, 0, backward_panel_count(&wide));
        product_backward(next, columns, polynomial, rows, rows, &wide);
        for (size_t k = 0; k < rows * columns; k++) x[k] = FIRST * x[k] + next[k];
    }
}

void muon_update(const struct trainer_vectors *vectors, const struct optimizer_step *step,
                 const struct parameter_group *group, size_t offset, float *workspace) {
    const size_t rows = group->rows, columns = group->columns, count = rows * columns;
    const bool tall = rows > columns;
    const size_t less = tall ? columns : rows, more = tall ? rows : columns;
    float *restrict parameters = vectors->parameters + offset;
    float *restrict momentum = vectors->first_moment + offset;
    const float *gradient = vectors->gradient + offset;
    float *x = workspace;
    double square_sum = 0;
    for (size_t row = 0; row < rows; row++) {
        for (size_t column = 0; column < columns; column++) {
            const size_t i = row * columns + column;
            const float g = gradient[i] * step->gradient_scale;
            momentum[i] = MOMENTUM * momentum[i] + (1 - MOMENTUM) * g;
            const float ahead = MOMENTUM * momentum[i] + (1 - MOMENTUM) * g; /* Nesterov's look ahead */
            x[tall ? column * rows + row : i] = ahead;
            square_sum += (double)ahead * ahead;
        }
    }
    const float inverse = (float)(1 / (sqrt(square_sum) + 1e-20));
    for (size_t i = 0; i < count; i++) x[i] *= inverse;
    orthogonalise(x, less, more, workspace + count);
    const float keep = 1 - group->learning_rate * group->weight_decay;
    const float step_size = group->learning_rate * SIZE_OF_ADAMW * sqrtf((float)more);
    for (size_t row = 0; row < rows; row++) {
        for (size_t column = 0; column < columns; column++) {
            const size_t i = row * columns + column;
            parameters[i] = parameters[i] * keep - step_size * x[tall ? column * rows + row : i];
        }
    }
}
