/*
 * Espressif's chips under ESP-IDF: clock, scheduler and stack. Serial port and image are in the files beside this one.
 */
#include "../port.h"

#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "sdkconfig.h"

int flashlm_port_milliseconds(uint32_t *milliseconds) {
    *milliseconds = (uint32_t)(esp_timer_get_time() / 1000);
    return 1;
}

/* The idle task feeds the watchdog and needs a turn: a tick, which sdkconfig.defaults makes a millisecond. */
void flashlm_port_rest(void) {
    vTaskDelay(1);
}

/* The console runs in the main task. ESP-IDF counts the words that were never used in bytes. */
int flashlm_port_stack(uint32_t *used, uint32_t *reserved) {
    *reserved = CONFIG_ESP_MAIN_TASK_STACK_SIZE;
    *used = *reserved - (uint32_t)uxTaskGetStackHighWaterMark(NULL);
    return 1;
}

void flashlm_port_end(void) {}
