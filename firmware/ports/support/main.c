/*
 * The program of every port without an operating system.
 */
#include "../../console/console.h"
#include "../port.h"

int main(void) {
    flashlm_port_start();
    flashlm_console_run();
    for (;;) {
    }
}
