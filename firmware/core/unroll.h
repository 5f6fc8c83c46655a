/*
 * Short loops, several turns at a time.
 *
 * At -O2 GCC takes one turn of a loop for each element: of the ten instructions or so that an element of a vector needs
 * between two products, three or four count, compare and jump. Four turns at a time share them. That costs code, and
 * gains next to nothing in the eight registers of a Cortex-M0+, so it is asked for loop by loop and for the chips where
 * counted instructions say that it pays.
 */
#ifndef FLASHLM_UNROLL_H
#define FLASHLM_UNROLL_H

/** Before a `for`: so many turns at a time. Clang decides for itself. */
#if defined(__GNUC__) && !defined(__clang__) && \
    (defined(__riscv) || defined(__XTENSA__) || defined(__thumb2__))
#define FLASHLM_PRAGMA(text) _Pragma(#text)
#define FLASHLM_UNROLL(turns) FLASHLM_PRAGMA(GCC unroll turns)
#else
#define FLASHLM_UNROLL(turns)
#endif

#endif
