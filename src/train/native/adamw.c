#include "adamw.h"

#include <math.h>

static void update_range(const struct trainer_vectors *vectors, const struct optimizer_step *step,
                         const struct parameter_group *group, size_t first, size_t last) {
    float *restrict parameters = vectors->parameters;
    float *restrict first_moment = vectors->first_moment;
    float *restrict second_moment = vectors->second_moment;
    const float *restrict gradient = vectors->gradient;
    const float beta_1 = step->beta_1, beta_2 = step->beta_2, epsilon = step->epsilon;
    const float scale = step->gradient_scale;
    const float step_size = group->learning_rate / (float)(1 - pow(beta_1, (double)step->step));
    const float correction = (float)(1 / sqrt(1 - pow(beta_2, (double)step->step)));
    const float keep = 1 - group->learning_rate * group->weight_decay;
    for (size_t i = first; i < last; i++) {
        const float g = gradient[i] * scale;
        const float m = beta_1 * first_moment[i] + (1 - beta_1) * g;
        const float v = beta_2 * second_moment[i] + (1 - beta_2) * g * g;
        first_moment[i] = m;
        second_moment[i] = v;
        parameters[i] = parameters[i] * keep - step_size * m / (sqrtf(v) * correction + epsilon);
    }
}

void adamw_update(const struct trainer_vectors *vectors, const struct optimizer_step *step,
                  const struct parameter_group *groups, size_t group_count, size_t first, size_t last) {
    size_t begin = 0;
    for (size_t i = 0; i < group_count; i++) {
        const size_t from = begin > first ? begin : first;
        const size_t to = groups[i].end < last ? groups[i].end : last;
        if (groups[i].rows == 0 && from < to) update_range(vectors, step, &groups[i], from, to);
        begin = groups[i].end;
    }
}
