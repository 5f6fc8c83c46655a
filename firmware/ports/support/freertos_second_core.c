/*
 * The second core of an ESP32 or ESP32-S3, for ESP-IDF and its Arduino core alike: a task that is pinned to the core on which
 * the caller does not run. The two tasks notify each other, which also orders memory between them.
 */
#include "../../core/second_core.h"
#include "../../model/flashlm_model.h"

#if FLASHLM_CORES == 2 && defined(ESP_PLATFORM)

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

/* In bytes, as ESP-IDF counts stacks. */
#define STACK_BYTES 2048
#define PRIORITY 1

static TaskHandle_t first_task;
static TaskHandle_t second_task;
static flashlm_job current_job;
static const void *current_argument;

static void serve_jobs(void *unused) {
    (void)unused;
    for (;;) {
        ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
        current_job(current_argument);
        xTaskNotifyGive(first_task);
    }
}

int flashlm_second_core_start(void) {
    first_task = xTaskGetCurrentTaskHandle();
    return xTaskCreatePinnedToCore(serve_jobs, "flashlm", STACK_BYTES, NULL, PRIORITY, &second_task,
                                   1 - xPortGetCoreID()) == pdPASS;
}

void flashlm_second_core_begin(flashlm_job job, const void *argument) {
    current_job = job;
    current_argument = argument;
    xTaskNotifyGive(second_task);
}

void flashlm_second_core_wait(void) {
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
}

#else

/* C wants something in every file. */
typedef int flashlm_no_task_is_needed;

#endif
