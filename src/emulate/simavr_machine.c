/*
 * An ATmega2560 with its serial port 0 on standard streams or a pseudo-terminal, on the library of simavr, whose own program
 * only logs what is sent; and a counter of executed instructions.
 *
 *     simavr_machine [--pty] [--mark ADDRESS --out FILE [--blocks]] [--totals FILE] firmware.elf
 *
 * Whenever the instruction at the marked address is reached, a line with the count of instructions is written to the file of
 * --out, and with --blocks a line for every instruction that has been executed since the last mark: a space, its address
 * (hexadecimal), a space, how often. At the end, --totals gets instructions and clocks.
 *
 * It ends with the firmware, which sleeps with its interrupts off; or, because a sketch never ends, when the input has ended
 * and nothing has been sent for a while.
 */
#define _GNU_SOURCE /* posix_openpt and its kin */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_core.h>
#include <simavr/sim_elf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define CLOCK_HZ 16000000u

/* Clocks between two looks at the input, which take longer than the instructions in between. */
#define CLOCKS_BETWEEN_LOOKS 2000u

/* UCSR0B of the ATmega2560, and its bit RXEN0: whether the firmware has switched its receiver on. */
#define RECEIVER_CONTROL 0xC1u
#define RECEIVER_IS_ON 0x10u

/* What a sketch may take to answer the last byte of its input: two seconds of the chip's time. */
#define CLOCKS_OF_SILENCE (2u * CLOCK_HZ)

struct machine {
    avr_t *avr;
    avr_irq_t *receiver;
    int input;
    int output;
    int is_terminal;
    int has_room; /* the chip's receiver takes a byte */
    int input_has_ended;
    avr_cycle_count_t last_sign; /* of life: a byte in or out */
};

struct counter {
    uint32_t mark;
    FILE *out;          /* NULL: nothing is marked */
    uint32_t *executed; /* by address / 2, since the last mark; NULL: not counted */
    uint32_t words;
    uint64_t instructions;
};

static void fail(const char *what, const char *detail) {
    fprintf(stderr, "simavr_machine: %s %s\n", what, detail);
    exit(1);
}

/* The firmware sends a byte. A terminal that nobody reads loses it. */
static void send_byte(avr_irq_t *irq, uint32_t value, void *parameter) {
    struct machine *machine = parameter;
    const uint8_t byte = (uint8_t)value;
    (void)irq;
    machine->last_sign = machine->avr->cycle;
    while (write(machine->output, &byte, 1) < 0 && errno == EINTR) {
    }
}

static void note_room(avr_irq_t *irq, uint32_t value, void *parameter) {
    (void)irq;
    (void)value;
    ((struct machine *)parameter)->has_room = 1;
}

static void note_no_room(avr_irq_t *irq, uint32_t value, void *parameter) {
    (void)irq;
    (void)value;
    ((struct machine *)parameter)->has_room = 0;
}

/*
 * Hands a byte of input to the firmware, if there is one and its receiver is on: what a computer sends at once would otherwise be
 * gone before the firmware has started. A terminal that is closed may be opened again.
 */
static void receive_byte(struct machine *machine) {
    struct pollfd readable = {machine->input, POLLIN, 0};
    uint8_t byte;
    ssize_t count;
    if ((machine->avr->data[RECEIVER_CONTROL] & RECEIVER_IS_ON) == 0 || machine->input_has_ended || !machine->has_room ||
        poll(&readable, 1, 0) <= 0) {
        return;
    }
    count = read(machine->input, &byte, 1);
    if (count == 1) {
        machine->last_sign = machine->avr->cycle;
        avr_raise_irq(machine->receiver, byte);
    } else if (!machine->is_terminal) {
        machine->input_has_ended = 1;
    }
}

static void connect_serial_port(struct machine *machine) {
    const uint32_t port = '0';
    uint32_t flags = 0;
    avr_t *avr = machine->avr;
    avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS(port), &flags);
    flags &= ~(uint32_t)(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP); /* neither logs nor waits in real time */
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS(port), &flags);
    machine->receiver = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ(port), UART_IRQ_INPUT);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ(port), UART_IRQ_OUTPUT), send_byte, machine);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ(port), UART_IRQ_OUT_XON), note_room, machine);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ(port), UART_IRQ_OUT_XOFF), note_no_room, machine);
}

/* Opens a new pseudo-terminal and says where it is. */
static void open_terminal(struct machine *machine) {
    struct termios settings;
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0 || tcgetattr(terminal, &settings) != 0) {
        fail("cannot open", "a pseudo-terminal");
    }
    cfmakeraw(&settings);
    tcsetattr(terminal, TCSANOW, &settings);
    fcntl(terminal, F_SETFL, O_NONBLOCK);
    printf("pty %s\n", ptsname(terminal));
    fflush(stdout);
    machine->input = terminal;
    machine->output = terminal;
    machine->is_terminal = 1;
}

static void write_executed(struct counter *counter) {
    uint32_t word;
    for (word = 0; counter->executed != NULL && word < counter->words; word++) {
        if (counter->executed[word] > 0) {
            fprintf(counter->out, " %" PRIx32 " %" PRIu32 "\n", 2 * word, counter->executed[word]);
            counter->executed[word] = 0;
        }
    }
}

static void count_instruction(struct counter *counter, uint32_t address) {
    if (counter->out != NULL && address == counter->mark) {
        fprintf(counter->out, "%" PRIu64 "\n", counter->instructions);
        write_executed(counter);
    }
    counter->instructions++;
    if (counter->executed != NULL && address / 2 < counter->words) {
        counter->executed[address / 2]++;
    }
}

/* As simavr runs a chip, but one instruction at a time, and not in real time. */
static void run(struct machine *machine, struct counter *counter) {
    avr_t *avr = machine->avr;
    avr_cycle_count_t next_look = 0;
    while (avr->state != cpu_Done && avr->state != cpu_Crashed) {
        avr_flashaddr_t next = avr->pc;
        if (avr->state == cpu_Running) {
            count_instruction(counter, avr->pc);
            avr->run_cycle_count = 1;
            next = avr_run_one(avr);
        }
        avr_cycle_timer_process(avr);
        avr->pc = next;
        if (avr->state == cpu_Sleeping) {
            if (!avr->sreg[S_I]) {
                return;
            }
            avr->cycle++;
        }
        avr_service_interrupts(avr);
        if (avr->cycle >= next_look) {
            next_look = avr->cycle + CLOCKS_BETWEEN_LOOKS;
            receive_byte(machine);
            if (machine->input_has_ended && avr->cycle - machine->last_sign > CLOCKS_OF_SILENCE) {
                return;
            }
        }
    }
    if (avr->state == cpu_Crashed) {
        fail("the firmware", "crashed");
    }
}

/* simavr's reader of ELF files says on standard output what it loads, where only the firmware should speak. */
static int read_firmware(const char *path, elf_firmware_t *firmware) {
    const int output = dup(STDOUT_FILENO);
    int result;
    fflush(stdout);
    if (output < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
        fail("cannot open", "standard output");
    }
    result = elf_read_firmware(path, firmware);
    fflush(stdout);
    dup2(output, STDOUT_FILENO);
    close(output);
    return result;
}

static FILE *open_output(const char *path) {
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        fail("cannot write", path);
    }
    return file;
}

int main(int count, char **words) {
    struct machine machine = {NULL, NULL, STDIN_FILENO, STDOUT_FILENO, 0, 1, 0, 0};
    struct counter counter = {0, NULL, NULL, 0, 0};
    const char *totals = NULL;
    const char *file = NULL;
    elf_firmware_t firmware;
    int blocks = 0;
    int i;
    for (i = 1; i < count; i++) {
        if (strcmp(words[i], "--pty") == 0) {
            open_terminal(&machine);
        } else if (strcmp(words[i], "--blocks") == 0) {
            blocks = 1;
        } else if (strcmp(words[i], "--mark") == 0 && i + 1 < count) {
            counter.mark = (uint32_t)strtoul(words[++i], NULL, 0);
        } else if (strcmp(words[i], "--out") == 0 && i + 1 < count) {
            counter.out = open_output(words[++i]);
        } else if (strcmp(words[i], "--totals") == 0 && i + 1 < count) {
            totals = words[++i];
        } else {
            file = words[i];
        }
    }
    memset(&firmware, 0, sizeof firmware);
    if (file == NULL || read_firmware(file, &firmware) != 0) {
        fail("cannot read", file == NULL ? "a firmware that is not named" : file);
    }
    machine.avr = avr_make_mcu_by_name("atmega2560");
    if (machine.avr == NULL) {
        fail("simavr knows no", "atmega2560");
    }
    avr_init(machine.avr);
    machine.avr->log = LOG_ERROR;
    machine.avr->frequency = CLOCK_HZ;
    avr_load_firmware(machine.avr, &firmware);
    machine.avr->frequency = CLOCK_HZ;
    connect_serial_port(&machine);
    counter.words = machine.avr->flashend / 2 + 1;
    counter.executed = blocks ? calloc(counter.words, sizeof *counter.executed) : NULL;
    run(&machine, &counter);
    if (counter.out != NULL) {
        fclose(counter.out);
    }
    if (totals != NULL) {
        FILE *out = open_output(totals);
        fprintf(out, "%" PRIu64 " %" PRIu64 "\n", counter.instructions, (uint64_t)machine.avr->cycle);
        fclose(out);
    }
    return 0;
}
