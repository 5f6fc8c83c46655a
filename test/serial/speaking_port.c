/*
 * A pseudo-terminal on which no firmware answers: whatever line arrives, it says the text of its argument.
 * The first line of its standard output is "pty DEVICE".
 */
#define _XOPEN_SOURCE 600

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

int main(int count, char **arguments) {
    const char *text = count > 1 ? arguments[1] : "";
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    struct termios settings;
    int other_end;
    char byte;
    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) {
        return 1;
    }
    other_end = open(ptsname(terminal), O_RDWR | O_NOCTTY); /* kept open: clients come and go */
    if (other_end < 0 || tcgetattr(other_end, &settings) != 0) {
        return 1;
    }
    settings.c_lflag &= (tcflag_t) ~(ECHO | ICANON);
    if (tcsetattr(other_end, TCSANOW, &settings) != 0) {
        return 1;
    }
    printf("pty %s\n", ptsname(terminal));
    fflush(stdout);
    while (read(terminal, &byte, 1) == 1) {
        if (byte == '\n' && write(terminal, text, strlen(text)) < 0) {
            return 1;
        }
    }
    return 0;
}
