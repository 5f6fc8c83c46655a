#include "Arduino.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

StandInSerial Serial;

void StandInSerial::begin(unsigned long) {}

/* Looked at, but not read. */
static int next_byte = EOF;

/* A board waits for ever; here the end of the input, which reads as a last EOT, ends the program. */
static void look_ahead() {
    next_byte = getchar();
    if (next_byte == EOF || next_byte == 4) {
        exit(0);
    }
}

int StandInSerial::available() {
    if (next_byte == EOF) {
        look_ahead();
    }
    return 1;
}

int StandInSerial::read() {
    int byte = next_byte;
    next_byte = EOF;
    return byte;
}

int StandInSerial::availableForWrite() {
#if defined(ARDUINO_ARCH_MBED)
    return 0; /* whatever room there is, as this core does */
#else
    return 1;
#endif
}

size_t StandInSerial::write(uint8_t byte) {
    putchar(byte);
    return 1;
}

size_t StandInSerial::write(const uint8_t *bytes, size_t count) {
    return fwrite(bytes, 1, count, stdout);
}

size_t StandInSerial::print(const char *text) {
    return write(reinterpret_cast<const uint8_t *>(text), strlen(text));
}

size_t StandInSerial::println(const char *text) {
    return print(text) + print("\r\n");
}

#if defined(ARDUINO_ARCH_ESP8266)
StandInEsp ESP;

bool StandInEsp::flashRead(uint32_t address, uint32_t *data, size_t size) {
    static FILE *flash = fopen(getenv("FLASHLM_FLASH_FILE"), "rb");
    static const char *limit = getenv("FLASHLM_FLASH_READS");
    static long reads = 0;
    /* The core takes whole words alone, at whole words. */
    if (flash == nullptr || address % 4 != 0 || size % 4 != 0 || fseek(flash, static_cast<long>(address), SEEK_SET) != 0) {
        return false;
    }
    if (limit != nullptr && reads++ >= atol(limit)) {
        return false;
    }
    memset(data, 0xff, size);
    return fread(data, 1, size, flash) == size || feof(flash) != 0;
}
#endif

static unsigned long now = 0;

unsigned long millis() {
    return now;
}

void delay(unsigned long milliseconds) {
    now += milliseconds;
}

#if defined(ARDUINO_ARCH_RP2040)
#include <atomic>
#include <thread>

/* A thread stands in for the second processor, which arduino-pico has call loop1() for ever. */
void loop1();

static std::atomic<bool> has_called_loop1(false);

static void start_second_processor() {
    std::thread([] {
        for (;;) {
            has_called_loop1 = true;
            loop1();
        }
    }).detach();
    while (!has_called_loop1) {
        std::this_thread::yield();
    }
}
#else
static void start_second_processor() {}
#endif

/* Each byte of the input is a turn, whether or not the program reads it. */
int main() {
    start_second_processor();
    setup();
    for (;;) {
        look_ahead();
        loop();
    }
}
