/*
 * What the core needs from a chip with a second one: three small functions, which a port implements. One job is under
 * way at a time. A port whose second core is like the first shares support/mailbox.c.
 */
#ifndef FLASHLM_SECOND_CORE_H
#define FLASHLM_SECOND_CORE_H

#ifdef __cplusplus
extern "C" {
#endif

/** Work for the second core. */
typedef void (*flashlm_job)(const void *argument);

/**
 * Starts the second core; called once, before the first job.
 *
 * @return 1; or 0 where no second core answers, in bounded time: then the first does all the work
 */
int flashlm_second_core_start(void);

/** Has the second core run a job. What was written before is visible to it; `argument` must stay until it is done. */
void flashlm_second_core_begin(flashlm_job job, const void *argument);

/** Waits until the job is done. What it wrote is then visible here. */
void flashlm_second_core_wait(void);

#ifdef __cplusplus
}
#endif

#endif
