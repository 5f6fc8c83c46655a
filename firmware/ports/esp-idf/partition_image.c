/*
 * The image lies in a partition of its own, which is mapped into memory: the program can be flashed without it. Where there is
 * RAM outside the chip, which is faster than flash, it is read from a copy there.
 */
#include "../port.h"

#include "../../model/flashlm_model.h"
#include "esp_err.h"
#include "esp_heap_caps.h"
#include "esp_log.h"
#include "esp_partition.h"
#include "sdkconfig.h"

/* As in partitions.csv. */
#define MODEL_PARTITION "model"

static const char *const tag = "flashlm";

/* What no image begins with: the console finds it damaged and says so. */
static const uint32_t no_image[4] = {0, 0, 0, 0};

static const void *copy_to_external_ram(const void *image) {
#if CONFIG_SPIRAM
    const uint32_t *from = (const uint32_t *)image;
    uint32_t *copy = (uint32_t *)heap_caps_malloc(FLASHLM_IMAGE_BYTES, MALLOC_CAP_SPIRAM);
    uint32_t word;
    if (copy != NULL) {
        for (word = 0; word < FLASHLM_IMAGE_BYTES / 4; word++) {
            copy[word] = from[word];
        }
        return copy;
    }
#endif
    return image;
}

static const void *map_partition(void) {
    const void *image = no_image;
    esp_partition_mmap_handle_t handle;
    esp_err_t error;
    const esp_partition_t *partition =
        esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, MODEL_PARTITION);
    if (partition == NULL) {
        ESP_LOGE(tag, "the partition table has no partition \"%s\"", MODEL_PARTITION);
        return no_image;
    }
    error = esp_partition_mmap(partition, 0, FLASHLM_IMAGE_BYTES, ESP_PARTITION_MMAP_DATA, &image, &handle);
    if (error != ESP_OK) {
        ESP_LOGE(tag, "the partition \"%s\" cannot be mapped: %s", MODEL_PARTITION, esp_err_to_name(error));
        return no_image;
    }
    return copy_to_external_ram(image);
}

/* Mapped once, for as long as the program runs. */
const uint8_t *flashlm_port_image(void) {
    static const void *image = NULL;
    if (image == NULL) {
        image = map_partition();
    }
    return (const uint8_t *)image;
}
