/*
 * Xtensa with the call0 convention (lx106): from reset to main. Execution begins at the first byte of the program,
 * whatever the entry symbol says, and literals lie before the code that loads them: so the first instruction jumps.
 */
    .section .entry, "ax"
    .globl entry
entry:
    j       start
    .literal_position
    .align  4
start:
    movi    a1, stack_top

    /* Initial values of variables, where they do not lie in RAM already. */
    movi    a2, data_load
    movi    a3, data_start
    movi    a4, data_end
    beq     a2, a3, 2f
1:  bgeu    a3, a4, 2f
    l32i    a5, a2, 0
    s32i    a5, a3, 0
    addi    a2, a2, 4
    addi    a3, a3, 4
    j       1b

    /* All other variables are zero. */
2:  movi    a3, bss_start
    movi    a4, bss_end
    movi    a5, 0
3:  bgeu    a3, a4, 4f
    s32i    a5, a3, 0
    addi    a3, a3, 4
    j       3b

4:  movi    a2, main
    callx0  a2
5:  j       5b
