/*
 * RISC-V: from reset to main. Shared by every port of this instruction set.
 */
    .section .entry, "ax"
    .globl entry
entry:
    .option push
    .option norelax
    la      gp, __global_pointer$
    .option pop
    la      sp, stack_top
    la      t0, unexpected
    csrw    mtvec, t0

    /* Initial values of variables, where they do not lie in RAM already. */
    la      a0, data_load
    la      a1, data_start
    la      a2, data_end
    beq     a0, a1, 2f
1:  bgeu    a1, a2, 2f
    lw      a3, 0(a0)
    sw      a3, 0(a1)
    addi    a0, a0, 4
    addi    a1, a1, 4
    j       1b

    /* All other variables are zero. */
2:  la      a1, bss_start
    la      a2, bss_end
3:  bgeu    a1, a2, 4f
    sw      zero, 0(a1)
    addi    a1, a1, 4
    j       3b

4:  call    main

    /* No interrupt is enabled, so this is reached by a fault alone; standing still shows where. */
    .balign 4
unexpected:
    j       unexpected
