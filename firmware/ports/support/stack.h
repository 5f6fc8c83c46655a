/*
 * How deep the stack has been, for programs without an operating system.
 */
#ifndef FLASHLM_STACK_H
#define FLASHLM_STACK_H

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Fills the unused part of what the linker script reserves for the stack with a pattern; flashlm_port_stack then tells
 * how much of it is gone. Called once, by main, before anything else.
 */
void flashlm_paint_stack(void);

#ifdef __cplusplus
}
#endif

#endif
