/*
 * Cortex-M: the vector table, and from reset to main. Shared by every port of this instruction set; the
 * instructions are those of the smallest core, the M0+.
 */
    .syntax unified
    .thumb

    .section .entry, "a"
    .globl vectors
vectors:
    .word   stack_top
    .word   entry
    .rept   46              /* 14 exceptions and 32 interrupts; none is enabled */
    .word   unexpected
    .endr

    .text
    .thumb_func
    .globl entry
entry:
    /* Initial values of variables, where they do not lie in RAM already. */
    ldr     r0, =data_load
    ldr     r1, =data_start
    ldr     r2, =data_end
    cmp     r0, r1
    beq     2f
1:  cmp     r1, r2
    bhs     2f
    ldr     r3, [r0]
    str     r3, [r1]
    adds    r0, #4
    adds    r1, #4
    b       1b

    /* All other variables are zero. */
2:  ldr     r1, =bss_start
    ldr     r2, =bss_end
    movs    r3, #0
3:  cmp     r1, r2
    bhs     4f
    str     r3, [r1]
    adds    r1, #4
    b       3b

4:  bl      main

    /* No interrupt is enabled, so this is reached by a fault alone; standing still shows where. */
    .thumb_func
unexpected:
    b       unexpected
    .ltorg
