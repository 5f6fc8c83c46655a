/*
 * A stand-in for the Arduino core, just enough to compile a generated sketch on a computer and to run it there on
 * standard input and output. For tests only.
 */
#ifndef FLASHLM_ARDUINO_STAND_IN_H
#define FLASHLM_ARDUINO_STAND_IN_H

#include <stddef.h>
#include <stdint.h>

class StandInSerial {
public:
    void begin(unsigned long baud);
    int available();
    int read();
    int availableForWrite();
    size_t write(uint8_t byte);
    size_t write(const uint8_t *bytes, size_t count);
    size_t print(const char *text);
    size_t println(const char *text = "");
};

extern StandInSerial Serial;

unsigned long millis();
void delay(unsigned long milliseconds);

#if defined(ARDUINO_ARCH_ESP8266)
/* Its flash, the file FLASHLM_FLASH_FILE, erased behind its end; after FLASHLM_FLASH_READS readings, if that is set, none succeeds. */
class StandInEsp {
public:
    bool flashRead(uint32_t address, uint32_t *data, size_t size);
};

extern StandInEsp ESP;
#endif

#if defined(ESP_PLATFORM)
void *ps_malloc(size_t size);
#endif

void setup();
void loop();

#endif
