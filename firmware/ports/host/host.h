/*
 * What the host's main program decides and its port uses.
 */
#ifndef FLASHLM_HOST_H
#define FLASHLM_HOST_H

/**
 * Serves the console over a new pseudo-terminal in place of standard input and output, and prints its name,
 * `pty /dev/pts/N`, on standard output.
 *
 * @return 1; or 0, and errno says why
 */
int flashlm_host_open_terminal(void);

#endif
