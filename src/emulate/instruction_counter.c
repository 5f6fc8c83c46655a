/*
 * A plugin for QEMU (TCG plugin API, version 1): counts executed guest instructions, and writes the count each time
 * the instruction at a marked address is reached.
 *
 *     qemu-system-riscv32 -plugin instruction_counter.so,mark=0x80000abc,out=counts.txt ...
 *
 * Debian's QEMU accepts plugins but ships no header for them, so the few functions that are needed are declared here,
 * as include/qemu/qemu-plugin.h of QEMU 7.2 declares them.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t plugin_id;
struct translation_block;
struct instruction;
struct machine_information;

enum { CALLBACK_READS_NO_REGISTERS = 0, INLINE_ADD_U64 = 0 };

size_t qemu_plugin_tb_n_insns(const struct translation_block *block);
struct instruction *qemu_plugin_tb_get_insn(const struct translation_block *block, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct instruction *instruction);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, void (*callback)(plugin_id, struct translation_block *));
void qemu_plugin_register_vcpu_insn_exec_inline(struct instruction *instruction, int operation, void *value, uint64_t by);
void qemu_plugin_register_vcpu_insn_exec_cb(struct instruction *instruction, void (*callback)(unsigned, void *),
                                            int registers, void *data);
void qemu_plugin_register_atexit_cb(plugin_id id, void (*callback)(plugin_id, void *), void *data);

int qemu_plugin_version = 1;

static uint64_t executed;
static uint64_t marked_address;
static FILE *output;

static void write_count(unsigned processor, void *data) {
    (void)processor;
    (void)data;
    fprintf(output, "%" PRIu64 "\n", executed);
}

/* Called for each stretch of guest code when QEMU translates it. Bit 0 of an address only says "Thumb". */
static void instrument(plugin_id id, struct translation_block *block) {
    size_t count = qemu_plugin_tb_n_insns(block);
    (void)id;
    for (size_t index = 0; index < count; index++) {
        struct instruction *instruction = qemu_plugin_tb_get_insn(block, index);
        if ((qemu_plugin_insn_vaddr(instruction) & ~(uint64_t)1) == marked_address) {
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, write_count, CALLBACK_READS_NO_REGISTERS, NULL);
        }
        qemu_plugin_register_vcpu_insn_exec_inline(instruction, INLINE_ADD_U64, &executed, 1);
    }
}

static void finish(plugin_id id, void *data) {
    (void)id;
    (void)data;
    fclose(output);
}

int qemu_plugin_install(plugin_id id, const struct machine_information *machine, int count, char **arguments) {
    (void)machine;
    for (int index = 0; index < count; index++) {
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
