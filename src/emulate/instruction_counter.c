/*
 * A plugin for QEMU (TCG plugin API): counts executed guest instructions, and writes the count each time the
 * instruction at a marked address is reached.
 *
 *     qemu-system-riscv32 -plugin instruction_counter.so,mark=0x80000abc,out=counts.txt,blocks=on ...
 *
 * A line of the output holds the count. With blocks=on it is followed by a line for each stretch of code that has been
 * executed since the last mark: a space, its address (hexadecimal), a space, instructions executed in it.
 *
 * Where two processors share the work, a job is begun, and awaited, by functions of the first:
 *
 *     ...,begin=ADDRESS,wait=ADDRESS,idle=FROM-TO
 *
 * Code in the range FROM..TO (its end left out) only waits, and is not counted. The count of a mark is then of what is
 * executed one after another: all of the first processor, and of each job that took the second one longer than the first
 * was busy meanwhile, the difference. The line goes on with the counts of both processors.
 *
 * Debian's QEMU accepts plugins but ships no header for them, so the few functions that are needed are declared here,
 * as include/qemu/qemu-plugin.h of QEMU declares them. They have not changed from version 1 of the API to version 4.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t plugin_id;
struct translation_block;
struct instruction;
struct machine_information;

enum { CALLBACK_READS_NO_REGISTERS = 0 };

size_t qemu_plugin_tb_n_insns(const struct translation_block *block);
struct instruction *qemu_plugin_tb_get_insn(const struct translation_block *block, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct instruction *instruction);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, void (*callback)(plugin_id, struct translation_block *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct translation_block *block, void (*callback)(unsigned, void *),
                                          int registers, void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct instruction *instruction, void (*callback)(unsigned, void *),
                                            int registers, void *data);
void qemu_plugin_register_atexit_cb(plugin_id id, void (*callback)(plugin_id, void *), void *data);

/*
 * QEMU asks for the version that a plugin was written for, and refuses one that is too old or too new for it. Which
 * version it speaks itself shows in what it offers: the first function went with version 2, the second came with 4.
 */
__attribute__((weak)) int qemu_plugin_n_vcpus(void);
__attribute__((weak)) int qemu_plugin_read_memory_vaddr(void);

int qemu_plugin_version = 1;

__attribute__((constructor)) static void choose_version(void) {
    if (qemu_plugin_read_memory_vaddr != NULL) {
        qemu_plugin_version = 4;
    } else if (qemu_plugin_n_vcpus == NULL) {
        qemu_plugin_version = 2;
    }
}

/* A stretch of code without a branch, as often as QEMU translates it. */
struct counted_block {
    uint64_t address;
    uint64_t length;   /* in instructions */
    uint64_t executed; /* instructions since the last mark, of all processors; of several only nearly */
    int is_idle;
    struct counted_block *next;
};

#define PROCESSORS 2

static uint64_t executed[PROCESSORS];
static uint64_t marked_address;
static int blocks_are_written;
static struct counted_block *blocks;
static FILE *output;

/* What jobs took the second processor longer than the first. */
static uint64_t excess;

static int has_jobs;
static uint64_t begin_address;
static uint64_t wait_address;
static uint64_t idle_from;
static uint64_t idle_to;

/* The counts of both when the last job began, and what the first had done when it began to wait. */
static uint64_t at_begin[PROCESSORS];
static uint64_t at_wait;
static int job_is_open;

/*
 * A block is executed from its first instruction to its last; the exceptions that could end it early do not occur. Each
 * processor runs on a thread of its own, and has a count of its own.
 */
static void count_block(unsigned processor, void *data) {
    struct counted_block *block = data;
    if (processor >= PROCESSORS) {
        abort();
    }
    if (!block->is_idle) {
        executed[processor] += block->length;
        block->executed += block->length;
    }
}

/* The first processor goes on only when the second is done, so the job's count stands still when this is called. */
static void close_job(void) {
    if (job_is_open) {
        uint64_t first = at_wait - at_begin[0];
        uint64_t second = executed[1] - at_begin[1];
        excess += second > first ? second - first : 0;
        job_is_open = 0;
    }
}

static void note_begin(unsigned processor, void *data) {
    (void)processor;
    (void)data;
    close_job();
    at_begin[0] = executed[0];
    at_begin[1] = executed[1];
}

static void note_wait(unsigned processor, void *data) {
    (void)processor;
    (void)data;
    at_wait = executed[0];
    job_is_open = 1;
}

static void write_count(unsigned processor, void *data) {
    struct counted_block *block;
    (void)processor;
    (void)data;
    close_job();
    if (has_jobs) {
        fprintf(output, "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", executed[0] + excess, executed[0], executed[1]);
    } else {
        fprintf(output, "%" PRIu64 "\n", executed[0]);
    }
    for (block = blocks_are_written ? blocks : NULL; block != NULL; block = block->next) {
        if (block->executed > 0) {
            fprintf(output, " %" PRIx64 " %" PRIu64 "\n", block->address, block->executed);
        }
        block->executed = 0;
    }
}

/* Called for each stretch of guest code when QEMU translates it. Bit 0 of an address only says "Thumb". */
static void instrument(plugin_id id, struct translation_block *block) {
    size_t count = qemu_plugin_tb_n_insns(block);
    size_t index;
    struct counted_block *counted = calloc(1, sizeof *counted);
    (void)id;
    if (counted == NULL || count == 0) {
        abort(); /* a count that misses something is worse than none */
    }
    counted->address = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(block, 0));
    counted->length = count;
    counted->is_idle = counted->address >= idle_from && counted->address < idle_to;
    counted->next = blocks;
    blocks = counted;
    qemu_plugin_register_vcpu_tb_exec_cb(block, count_block, CALLBACK_READS_NO_REGISTERS, counted);
    for (index = 0; index < count; index++) {
        struct instruction *instruction = qemu_plugin_tb_get_insn(block, index);
        uint64_t address = qemu_plugin_insn_vaddr(instruction) & ~(uint64_t)1;
        if (address == marked_address) {
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, write_count, CALLBACK_READS_NO_REGISTERS, NULL);
        } else if (has_jobs && address == begin_address) {
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, note_begin, CALLBACK_READS_NO_REGISTERS, NULL);
        } else if (has_jobs && address == wait_address) {
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, note_wait, CALLBACK_READS_NO_REGISTERS, NULL);
        }
    }
}

static void finish(plugin_id id, void *data) {
    (void)id;
    (void)data;
    fclose(output);
}

int qemu_plugin_install(plugin_id id, const struct machine_information *machine, int count, char **arguments) {
    int index;
    (void)machine;
    for (index = 0; index < count; index++) {
        if (strncmp(arguments[index], "mark=", 5) == 0) {
            marked_address = strtoull(arguments[index] + 5, NULL, 16) & ~(uint64_t)1;
        } else if (strncmp(arguments[index], "out=", 4) == 0) {
            output = fopen(arguments[index] + 4, "w");
        } else if (strncmp(arguments[index], "begin=", 6) == 0) {
            has_jobs = 1;
            begin_address = strtoull(arguments[index] + 6, NULL, 16) & ~(uint64_t)1;
        } else if (strncmp(arguments[index], "wait=", 5) == 0) {
            wait_address = strtoull(arguments[index] + 5, NULL, 16) & ~(uint64_t)1;
        } else if (strncmp(arguments[index], "idle=", 5) == 0) {
            char *rest;
            idle_from = strtoull(arguments[index] + 5, &rest, 16) & ~(uint64_t)1;
            idle_to = strtoull(rest + 1, NULL, 16) & ~(uint64_t)1;
        } else if (strcmp(arguments[index], "blocks=on") == 0) {
            blocks_are_written = 1;
        }
    }
    if (output == NULL) {
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, instrument);
    qemu_plugin_register_atexit_cb(id, finish, NULL);
    return 0;
}
