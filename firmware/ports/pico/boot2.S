/*
 * RP2040, second stage of the boot: makes flash fast, then starts the program.
 *
 * The ROM copies the first 256 bytes of flash to RAM and runs them if the last four are the CRC-32 of the rest. It has
 * read them in the mode that every flash chip knows, one bit at a time. Here the flash chip's continuous quad mode is
 * entered: an access then sends address and data over four wires and no command, which is six times as fast.
 *
 * RP2040 datasheet: 2.8.1.3 (the ROM's side), 4.10 (the SSI, which talks to flash), 2.19.6.4 (pads).
 * W25Q16JV datasheet: commands 35h, 50h, 31h (status register 2) and EBh (fast read, quad).
 */
    .syntax unified
    .cpu    cortex-m0plus
    .thumb

    .equ    SSI, 0x18000000         /* synchronous serial interface */
    .equ    CTRLR0, 0x00            /* frame: width, wires, direction */
    .equ    CTRLR1, 0x04            /* number of frames of a read, less one */
    .equ    SSIENR, 0x08            /* 1: enabled; the registers above take values while it is 0 */
    .equ    BAUDR, 0x14             /* clock divider */
    .equ    SR, 0x28                /* status */
    .equ    SR_EMPTY_BIT, 2         /* nothing left to send */
    .equ    SR_BUSY_BIT, 0          /* a transfer is going on */
    .equ    DR0, 0x60               /* data */
    .equ    RX_SAMPLE_DLY, 0xF0     /* clocks by which reading is late */
    .equ    SPI_CTRLR0, 0xF4        /* command, address, waiting */

    .equ    PADS, 0x40020000        /* electrical side of the flash pins */
    .equ    PAD_CLOCK, 0x04
    .equ    PAD_DATA0, 0x08
    .equ    PAD_FAST_8_MILLIAMPERE, 0x21
    .equ    PAD_SCHMITT, 0x02

    .equ    VECTORS, 0x10000100
    .equ    VTOR, 0xE000ED08        /* where the core finds the vector table */

    /* CTRLR0: 8-bit frames both ways on one wire; 32-bit frames read on four wires after an address. */
    .equ    FRAME_BYTE, 7 << 16
    .equ    FRAME_QUAD_READ, 2 << 21 | 31 << 16 | 3 << 8

    /* SPI_CTRLR0: 8 digits of address and mode bits, 4 clocks of waiting; with an 8-bit command on one wire before, or
       with the mode bits A0h, by which the flash chip expects no command next time. */
    .equ    READ_WITH_COMMAND, 8 << 2 | 4 << 11 | 2 << 8 | 1
    .equ    READ_WITHOUT_COMMAND, 0xA0 << 24 | 8 << 2 | 4 << 11 | 0 << 8 | 2

    .equ    COMMAND_QUAD_READ, 0xEB
    .equ    MODE_CONTINUE, 0xA0
    .equ    COMMAND_READ_STATUS2, 0x35
    .equ    COMMAND_WRITE_STATUS2, 0x31
    .equ    COMMAND_ALLOW_VOLATILE_WRITE, 0x50
    .equ    STATUS2_QUAD_ENABLE, 0x02

    .section .boot2, "ax"
    .globl  boot2
    .thumb_func
boot2:
    /* At 66 MHz the clock pin needs more strength, and the data pins no filter. */
    ldr     r0, =PADS
    movs    r1, #PAD_FAST_8_MILLIAMPERE
    str     r1, [r0, #PAD_CLOCK]
    adds    r0, #PAD_DATA0
    movs    r3, #4
1:  ldr     r1, [r0]
    movs    r2, #PAD_SCHMITT
    bics    r1, r2
    stm     r0!, {r1}
    subs    r3, #1
    bne     1b

    /* Half of the core's clock; data is taken one clock later than usual, which that speed needs. */
    ldr     r7, =SSI
    movs    r6, #0
    str     r6, [r7, #SSIENR]
    movs    r0, #2
    str     r0, [r7, #BAUDR]
    movs    r0, #1
    movs    r1, #RX_SAMPLE_DLY
    str     r0, [r7, r1]

    /* The chip's pins for write protection and hold become data wires 2 and 3, if they are not already. The bit is set
       in its volatile copy: nothing wears out, and it needs no waiting. */
    ldr     r0, =FRAME_BYTE
    str     r0, [r7, #CTRLR0]
    movs    r0, #1
    str     r0, [r7, #SSIENR]
    movs    r0, #COMMAND_READ_STATUS2
    bl      exchange_two
    movs    r1, #STATUS2_QUAD_ENABLE
    tst     r0, r1
    bne     2f
    orrs    r1, r0
    mov     r5, r1
    movs    r0, #COMMAND_ALLOW_VOLATILE_WRITE
    str     r0, [r7, #DR0]
    bl      wait
    ldr     r0, [r7, #DR0]
    movs    r0, #COMMAND_WRITE_STATUS2
    mov     r1, r5
    bl      exchange_two
2:

    /* One read with command and mode bits, whose data nobody wants: after it the flash chip expects no command. */
    str     r6, [r7, #SSIENR]
    ldr     r0, =FRAME_QUAD_READ
    str     r0, [r7, #CTRLR0]
    str     r6, [r7, #CTRLR1]
    ldr     r4, =SSI + SPI_CTRLR0
    ldr     r0, =READ_WITH_COMMAND
    str     r0, [r4]
    movs    r0, #1
    str     r0, [r7, #SSIENR]
    movs    r0, #COMMAND_QUAD_READ
    str     r0, [r7, #DR0]
    movs    r0, #MODE_CONTINUE
    str     r0, [r7, #DR0]
    bl      wait

    /* From now on each access to the window at 0x10000000 becomes such a read. */
    str     r6, [r7, #SSIENR]
    ldr     r0, =READ_WITHOUT_COMMAND
    str     r0, [r4]
    movs    r0, #1
    str     r0, [r7, #SSIENR]

    /* What a reset does on other chips: the vector table's first two words are stack pointer and entry. */
    ldr     r0, =VECTORS
    ldr     r1, =VTOR
    str     r0, [r1]
    ldm     r0, {r0, r1}
    msr     msp, r0
    bx      r1

    /* Sends the byte r0 and then r1 (or anything), and returns what came with the second. */
exchange_two:
    mov     r4, lr
    str     r0, [r7, #DR0]
    str     r1, [r7, #DR0]
    bl      wait
    ldr     r0, [r7, #DR0]
    ldr     r0, [r7, #DR0]
    bx      r4

    /* Until all is sent and the line is quiet. */
wait:
    ldr     r1, [r7, #SR]
    lsrs    r2, r1, #SR_EMPTY_BIT + 1
    bcc     wait
    lsrs    r2, r1, #SR_BUSY_BIT + 1
    bcs     wait
    bx      lr

    .ltorg
    .balign 4
boot2_end:
    .fill   252 - (boot2_end - boot2), 1, 0

    /* CRC-32 of the 252 bytes before (polynomial 0x04C11DB7, not reflected, start 0xFFFFFFFF, not inverted). */
    .word   0x1B55530B
