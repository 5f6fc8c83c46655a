/*
 * The console over standard input and output, byte for byte.
 */
#define _XOPEN_SOURCE 600

#include "../port.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

/* How long a full pseudo-terminal may stay full before its bytes are dropped, as a board's would be. */
#define PATIENCE_MILLISECONDS 1000

static int input = STDIN_FILENO;
static int output = STDOUT_FILENO;
static int is_terminal;

/* Whether somebody seems to read at the other end: whoever types does, until the terminal stays full. */
static int somebody_reads = 1;

/* A system call for each byte would cost more than the model; bytes are collected until somebody can wait for them. */
static uint8_t pending[4096];
static size_t pending_bytes;

/* The line discipline must neither echo nor translate: a serial line does not. */
static int make_raw(int terminal) {
    struct termios settings;
    if (tcgetattr(terminal, &settings) != 0) {
        return 0;
    }
    settings.c_iflag &= (tcflag_t) ~(BRKINT | ICRNL | IGNBRK | IGNCR | INLCR | INPCK | ISTRIP | IXON | PARMRK);
    settings.c_oflag &= (tcflag_t)~OPOST;
    settings.c_lflag &= (tcflag_t) ~(ECHO | ECHONL | ICANON | IEXTEN | ISIG);
    settings.c_cflag &= (tcflag_t) ~(CSIZE | PARENB);
    settings.c_cflag |= CS8;
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    return tcsetattr(terminal, TCSANOW, &settings) == 0;
}

/*
 * The other end is opened here too and never closed: so the terminal survives clients that come and go.
 */
int flashlm_host_open_terminal(void) {
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    const char *name;
    int other_end;
    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) {
        return 0;
    }
    name = ptsname(terminal);
    if (name == NULL) {
        return 0;
    }
    other_end = open(name, O_RDWR | O_NOCTTY);
    if (other_end < 0 || !make_raw(other_end) || fcntl(terminal, F_SETFL, O_NONBLOCK) != 0) {
        return 0;
    }
    printf("pty %s\n", name);
    fflush(stdout);
    input = terminal;
    output = terminal;
    is_terminal = 1;
    return 1;
}

/* Whether the pseudo-terminal takes another byte. Once it did not in time, there is no more waiting. */
static int terminal_takes_more(void) {
    struct pollfd writable;
    writable.fd = output;
    writable.events = POLLOUT;
    writable.revents = 0;
    somebody_reads = poll(&writable, 1, somebody_reads ? PATIENCE_MILLISECONDS : 0) > 0;
    return somebody_reads;
}

static void flush(void) {
    size_t sent = 0;
    while (sent < pending_bytes) {
        ssize_t written = write(output, pending + sent, pending_bytes - sent);
        if (written > 0) {
            sent += (size_t)written;
        } else if (errno == EAGAIN && terminal_takes_more()) {
            continue;
        } else if (errno != EINTR) {
            break; /* closed, or full for long: the rest is dropped */
        }
    }
    pending_bytes = 0;
}

void flashlm_port_start(void) {
    /* A reader that goes away is no reason to die in the middle of a line. */
    signal(SIGPIPE, SIG_IGN);
}

void flashlm_port_put(uint8_t byte) {
    if (pending_bytes == sizeof pending) {
        flush();
    }
    pending[pending_bytes++] = byte;
}

int flashlm_port_get(void) {
    uint8_t byte;
    flush();
    for (;;) {
        ssize_t count = read(input, &byte, 1);
        if (count == 1) {
            somebody_reads = 1;
            return byte;
        }
        if (count < 0 && errno == EAGAIN) {
            struct pollfd readable;
            readable.fd = input;
            readable.events = POLLIN;
            readable.revents = 0;
            poll(&readable, 1, -1);
        } else if (count == 0 || errno != EINTR) {
            return -1;
        }
    }
}

int flashlm_port_milliseconds(uint32_t *milliseconds) {
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
        return 0;
    }
    *milliseconds = (uint32_t)now.tv_sec * 1000u + (uint32_t)(now.tv_nsec / 1000000);
    return 1;
}

void flashlm_port_rest(void) {
    flush();
}

int flashlm_port_stack(uint32_t *used, uint32_t *reserved) {
    (void)used;
    (void)reserved;
    return 0;
}

void flashlm_port_end(void) {
    flush();
    if (is_terminal) {
        tcdrain(output);
    }
    exit(0);
}
