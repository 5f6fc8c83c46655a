/*
 * The program of every port without an operating system.
 */
#include "../../console/console.h"
#include "../port.h"
#include "stack.h"

int main(void) {
    flashlm_paint_stack();
    flashlm_port_start();
    flashlm_console_run();
    for (;;) {
    }
}
