/*
 * A plugin for QEMU (TCG plugin API): counts executed guest instructions, and writes the count each time the
 * instruction at a marked address is reached.
 *
 *     qemu-system-riscv32 -plugin instruction_counter.so,mark=0x80000abc,out=counts.txt ...
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

static uint64_t executed;
static uint64_t marked_address;
static FILE *output;

/* A block is executed from its first instruction to its last; the exceptions that could end it early do not occur. */
static void count_block(unsigned processor, void *instructions) {
    (void)processor;
    executed += (uintptr_t)instructions;
}

static void write_count(unsigned processor, void *data) {
    (void)processor;
    (void)data;
    fprintf(output, "%" PRIu64 "\n", executed);
}

/* Called for each stretch of guest code when QEMU translates it. Bit 0 of an address only says "Thumb". */
static void instrument(plugin_id id, struct translation_block *block) {
    size_t count = qemu_plugin_tb_n_insns(block);
    size_t index;
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_cb(block, count_block, CALLBACK_READS_NO_REGISTERS, (void *)(uintptr_t)count);
    for (index = 0; index < count; index++) {
        struct instruction *instruction = qemu_plugin_tb_get_insn(block, index);
        if ((qemu_plugin_insn_vaddr(instruction) & ~(uint64_t)1) == marked_address) {
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, write_count, CALLBACK_READS_NO_REGISTERS, NULL);
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
        }
    }
    if (output == NULL) {
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, instrument);
    qemu_plugin_register_atexit_cb(id, finish, NULL);
    return 0;
}
