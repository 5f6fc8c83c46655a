/* Runs a generated project on a computer: see README.md. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/uart.h"
#include "driver/usb_serial_jtag.h"
#include "esp_heap_caps.h"
#include "esp_log.h"
#include "esp_partition.h"
#include "esp_timer.h"
#include "freertos/task.h"

static esp_partition_t partition;
static void *flash;

const char *esp_err_to_name(esp_err_t error) {
    return error == ESP_OK ? "ESP_OK" : "ESP_FAIL";
}

void stand_in_abort(esp_err_t error) {
    fprintf(stderr, "aborted: %s\n", esp_err_to_name(error));
    exit(3);
}

void stand_in_log(const char *tag, const char *format, ...) {
    va_list words;
    fprintf(stderr, "E %s: ", tag);
    va_start(words, format);
    vfprintf(stderr, format, words);
    va_end(words);
    fputc('\n', stderr);
}

/* The partition is as large as the file. */
const esp_partition_t *esp_partition_find_first(esp_partition_type_t type, esp_partition_subtype_t subtype,
                                                const char *label) {
    const char *name = getenv("FLASHLM_FLASH_FILE");
    FILE *file = name == NULL ? NULL : fopen(name, "rb");
    if (type != ESP_PARTITION_TYPE_DATA || subtype != ESP_PARTITION_SUBTYPE_ANY || strcmp(label, "model") != 0 ||
        file == NULL) {
        return NULL;
    }
    fseek(file, 0, SEEK_END);
    partition.size = (uint32_t)ftell(file);
    rewind(file);
    if (posix_memalign(&flash, 64, partition.size) != 0 ||
        fread(flash, 1, partition.size, file) != partition.size) {
        exit(3);
    }
    fclose(file);
    return &partition;
}

esp_err_t esp_partition_mmap(const esp_partition_t *from, size_t offset, size_t size,
                             esp_partition_mmap_memory_t memory, const void **out_ptr,
                             esp_partition_mmap_handle_t *out_handle) {
    if (memory != ESP_PARTITION_MMAP_DATA || offset + size > from->size) {
        return ESP_FAIL;
    }
    *out_ptr = (const char *)flash + offset;
    *out_handle = 1;
    return ESP_OK;
}

void *heap_caps_malloc(size_t size, uint32_t capabilities) {
    fprintf(stderr, "external RAM: %zu bytes\n", size);
    return capabilities == MALLOC_CAP_SPIRAM ? malloc(size) : NULL;
}

static int64_t now = 0;

int64_t esp_timer_get_time(void) {
    return now;
}

void vTaskDelay(TickType_t ticks) {
    now += 1000 * (int64_t)ticks;
}

UBaseType_t uxTaskGetStackHighWaterMark(TaskHandle_t task) {
    return task == NULL ? 6000 : 0;
}

static int installed = 0;

static int write_bytes(const void *bytes, size_t size) {
    return installed ? (int)fwrite(bytes, 1, size, stdout) : -1;
}

/* A board waits for ever; here the end of the input, which reads as a last EOT, ends the program. */
static int read_bytes(void *bytes, uint32_t length) {
    int byte = getchar();
    if (!installed || length == 0) {
        return -1;
    }
    if (byte == EOF || byte == 4) {
        exit(0);
    }
    *(unsigned char *)bytes = (unsigned char)byte;
    return 1;
}

/* The driver refuses a buffer that is not larger than the hardware's. */
esp_err_t uart_driver_install(uart_port_t port, int rx_buffer_size, int tx_buffer_size, int queue_size,
                              QueueHandle_t *queue, int flags) {
    installed = port == 0 && rx_buffer_size > 128 && tx_buffer_size == 0 && queue_size == 0 && queue == NULL && flags == 0;
    return installed ? ESP_OK : ESP_FAIL;
}

int uart_write_bytes(uart_port_t port, const void *bytes, size_t size) {
    return port == 0 ? write_bytes(bytes, size) : -1;
}

int uart_read_bytes(uart_port_t port, void *bytes, uint32_t length, TickType_t ticks) {
    return port == 0 && ticks == portMAX_DELAY ? read_bytes(bytes, length) : -1;
}

esp_err_t usb_serial_jtag_driver_install(usb_serial_jtag_driver_config_t *config) {
    installed = config->tx_buffer_size > 0 && config->rx_buffer_size > 0;
    return installed ? ESP_OK : ESP_FAIL;
}

int usb_serial_jtag_write_bytes(const void *bytes, size_t size, uint32_t ticks) {
    (void)ticks;
    return write_bytes(bytes, size);
}

int usb_serial_jtag_read_bytes(void *bytes, uint32_t length, uint32_t ticks) {
    return ticks == portMAX_DELAY ? read_bytes(bytes, length) : -1;
}

void app_main(void);

int main(void) {
    app_main();
    return 0;
}
