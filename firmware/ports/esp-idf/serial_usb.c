/*
 * The console on the chip's own USB port (USB Serial/JTAG), where sdkconfig has ESP-IDF's messages there.
 */
#include "../port.h"

#include "driver/usb_serial_jtag.h"
#include "esp_err.h"
#include "freertos/FreeRTOS.h"

#define PATIENCE_MILLISECONDS 250

void flashlm_port_start(void) {
    usb_serial_jtag_driver_config_t config = USB_SERIAL_JTAG_DRIVER_CONFIG_DEFAULT();
    ESP_ERROR_CHECK(usb_serial_jtag_driver_install(&config));
}

/* Bytes wait for room, but not for a host that does not read: then they are dropped. */
void flashlm_port_put(uint8_t byte) {
    static int somebody_reads = 1;
    TickType_t patience = somebody_reads ? pdMS_TO_TICKS(PATIENCE_MILLISECONDS) : 0;
    somebody_reads = usb_serial_jtag_write_bytes(&byte, 1, patience) == 1;
}

int flashlm_port_get(void) {
    uint8_t byte;
    while (usb_serial_jtag_read_bytes(&byte, 1, portMAX_DELAY) != 1) {
    }
    return byte;
}
