/*
 * A pseudo-terminal whose other end is this program's standard input and output, byte for byte; its standard error
 * says "pty DEVICE". When the program ends the device goes away, as that of a board whose cable is pulled.
 */
#define _XOPEN_SOURCE 600

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static int move(int from, int to) {
    char bytes[4096];
    ssize_t count = read(from, bytes, sizeof bytes);
    ssize_t done = 0;
    while (done < count) {
        ssize_t written = write(to, bytes + done, (size_t)(count - done));
        if (written <= 0) {
            return 0;
        }
        done += written;
    }
    return count > 0;
}

int main(void) {
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    struct termios settings;
    int other_end;
    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) {
        return 1;
    }
    other_end = open(ptsname(terminal), O_RDWR | O_NOCTTY); /* kept open: clients come and go */
    if (other_end < 0 || tcgetattr(other_end, &settings) != 0) {
        return 1;
    }
    settings.c_iflag = 0;
    settings.c_oflag = 0;
    settings.c_lflag = 0;
    if (tcsetattr(other_end, TCSANOW, &settings) != 0) {
        return 1;
    }
    fprintf(stderr, "pty %s\n", ptsname(terminal));
    for (;;) {
        struct pollfd ends[2] = {{STDIN_FILENO, POLLIN, 0}, {terminal, POLLIN, 0}};
        if (poll(ends, 2, -1) < 0) {
            return 1;
        }
        if (ends[0].revents != 0 && !move(STDIN_FILENO, terminal)) {
            return 0;
        }
        if (ends[1].revents != 0 && !move(terminal, STDOUT_FILENO)) {
            return 0;
        }
    }
}
