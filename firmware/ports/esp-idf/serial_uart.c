/*
 * The console on the UART that ESP-IDF's own messages use; pins and baud rate are as sdkconfig says.
 */
#include "../port.h"

#include "driver/uart.h"
#include "esp_err.h"
#include "freertos/FreeRTOS.h"
#include "sdkconfig.h"

#define CONSOLE_UART ((uart_port_t)CONFIG_ESP_CONSOLE_UART_NUM)

/* Lines that are typed while a story is told; the driver wants more than the 128 bytes of the hardware. */
#define RECEIVE_BUFFER_BYTES 512

void flashlm_port_start(void) {
    ESP_ERROR_CHECK(uart_driver_install(CONSOLE_UART, RECEIVE_BUFFER_BYTES, 0, 0, NULL, 0));
}

/* Without a buffer for sending, this waits for room in the hardware. */
void flashlm_port_put(uint8_t byte) {
    uart_write_bytes(CONSOLE_UART, &byte, 1);
}

int flashlm_port_get(void) {
    uint8_t byte;
    while (uart_read_bytes(CONSOLE_UART, &byte, 1, portMAX_DELAY) != 1) {
    }
    return byte;
}
