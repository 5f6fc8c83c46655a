/*
 * The console as a program of this computer.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../console/console.h"
#include "../port.h"
#include "host.h"

int main(int count, char **arguments) {
    int wants_terminal = count == 2 && strcmp(arguments[1], "--pty") == 0;
    if (count > 1 && !wants_terminal) {
        fprintf(stderr, "usage: %s [--pty]\n", arguments[0]);
        return 2;
    }
    if (wants_terminal && !flashlm_host_open_terminal()) {
        fprintf(stderr, "No pseudo-terminal could be opened: %s.\n", strerror(errno));
        return 1;
    }
    flashlm_port_start();
    flashlm_console_run();
    return 0;
}
