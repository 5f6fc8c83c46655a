#include "product_rate.h"

#include <stdlib.h>
#include <time.h>

#include "matrix_product.h"
#include "memory.h"

enum { ROUNDS = 8 };

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double product_rate(size_t tokens, size_t outputs, size_t inputs) {
    const size_t x_stride = activation_stride(inputs), y_stride = activation_stride(outputs);
    float *values = allocate_floats(outputs * inputs);
    float *panels = allocate_floats(forward_panel_length(outputs, inputs));
    float *x = allocate_floats(tokens * x_stride);
    float *y = allocate_floats(tokens * y_stride);
    double best = 0;
    if (values != NULL && panels != NULL && x != NULL && y != NULL) {
        const struct weights weights = {
            .outputs = outputs, .inputs = inputs, .values = values, .forward_panels = panels};
        pack_forward_panels(&weights, 0, forward_panel_count(&weights));
        for (int round = 0; round < ROUNDS; round++) {
            const double start = seconds_now();
            product_forward(y, y_stride, x, x_stride, tokens, &weights);
            const double rate = 2.0 * (double)tokens * (double)outputs * (double)inputs / (seconds_now() - start);
            if (rate > best) best = rate;
        }
    }
    free(values);
    free(panels);
    free(x);
    free(y);
    return best;
}
