/*
 * Any board with an Arduino core: the serial port that the core calls Serial, its clock, its scheduler.
 */
#include <Arduino.h>

#include "../port.h"

/* Whether a byte can be sent now. Bytes wait for room, but not for a host that does not read: then they are dropped. */
static bool has_room(void) {
#if defined(ARDUINO_ARCH_MBED)
    return true; /* the core cannot tell, and itself drops what no terminal is open for */
#else
    static const uint32_t patience_milliseconds = 250;
    static bool somebody_reads = true;
    const uint32_t begin = millis();
    while (Serial.availableForWrite() == 0) {
        if (!somebody_reads || millis() - begin > patience_milliseconds) {
            somebody_reads = false;
            return false;
        }
        delay(1);
    }
    somebody_reads = true;
    return true;
#endif
}

void flashlm_port_start(void) {
    Serial.begin(115200);
}

void flashlm_port_put(uint8_t byte) {
    if (has_room()) {
        Serial.write(byte);
    }
}

int flashlm_port_get(void) {
    while (Serial.available() == 0) {
        delay(1);
    }
    return Serial.read();
}

int flashlm_port_milliseconds(uint32_t *milliseconds) {
    *milliseconds = millis();
    return 1;
}

/* The radio, the watchdog and the USB stack get their turn between two tokens. */
void flashlm_port_rest(void) {
    delay(1);
}

int flashlm_port_stack(uint32_t *, uint32_t *) {
    return 0;
}

void flashlm_port_end(void) {}
