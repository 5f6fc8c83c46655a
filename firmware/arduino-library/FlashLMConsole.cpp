#include <Arduino.h>

#include "FlashLM.h"
#include "console/console.h"
#include "ports/port.h"

FlashLMConsole FlashLM;

void FlashLMConsole::begin() {
    flashlm_port_start();
    flashlm_console_start();
}

void FlashLMConsole::serve() {
    while (Serial.available() > 0) {
        flashlm_console_receive(static_cast<uint8_t>(Serial.read()));
    }
}
