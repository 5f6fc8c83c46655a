/*
 * Jobs for a second core that shares its memory with the first.
 */
#ifndef FLASHLM_MAILBOX_H
#define FLASHLM_MAILBOX_H

#ifdef __cplusplus
extern "C" {
#endif

/** What the second core does from its start on: it runs each job that flashlm_second_core_begin has for it. Never returns. */
void flashlm_serve_jobs(void);

#ifdef __cplusplus
}
#endif

#endif
