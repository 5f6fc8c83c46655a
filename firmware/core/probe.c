#include "probe.h"

#include <stddef.h>

/* The longest is "mixer_residual". */
#define NAME_BYTES 15

static const FLASHLM_CONSTANT char names[][NAME_BYTES] FLASHLM_TEXT_PLACE = {
    "embedding",   "norm1",          "mixer_up",  "mixer_gates",
    "convolution",
#if FLASHLM_MEMORY_HEADS > 0
    "memory",
#endif
    "mixer_product", "mixer_down",   "mixer_residual", "norm2",
    "ffn_in",        "ffn_product",  "ffn_down",       "ffn_residual",
    "final_norm",
};

static uint32_t point_of(enum flashlm_probe_name name, int32_t block) {
    if (name == FLASHLM_PROBE_FINAL_NORM) {
        return 1 + FLASHLM_PROBES_OF_A_BLOCK * (uint32_t)FLASHLM_BLOCKS;
    }
    return block < 0 ? 0 : (uint32_t)name + FLASHLM_PROBES_OF_A_BLOCK * (uint32_t)block;
}

static void show(const struct flashlm_probe_hook *hook, enum flashlm_probe_name name, int32_t block,
                 const int16_t *short_values, const int32_t *values, uint32_t count) {
    struct flashlm_probe probe;
    probe.point = point_of(name, block);
    probe.block = block;
    probe.name = names[name];
    probe.count = count;
    probe.short_values = short_values;
    probe.values = values;
    hook->function(hook->context, &probe);
}

int32_t flashlm_probe_element(const struct flashlm_probe *probe, uint32_t i) {
    return probe->short_values != NULL ? probe->short_values[i] : probe->values[i];
}

void flashlm_probe_show(const struct flashlm_probe_hook *hook, enum flashlm_probe_name name, int32_t block,
                        const int32_t *values, uint32_t count) {
    if (hook->function != NULL) {
        show(hook, name, block, NULL, values, count);
    }
}

void flashlm_probe_show_short(const struct flashlm_probe_hook *hook, enum flashlm_probe_name name, int32_t block,
                              const int16_t *values, uint32_t count) {
    if (hook->function != NULL) {
        show(hook, name, block, values, NULL, count);
    }
}
