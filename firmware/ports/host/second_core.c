/*
 * The second core of this computer: a thread.
 */
#include "../../core/second_core.h"
#include "../../model/flashlm_model.h"
#include "../support/mailbox.h"

#if FLASHLM_CORES == 2

#include <pthread.h>
#include <stddef.h>

static void *serve(void *unused) {
    (void)unused;
    flashlm_serve_jobs();
    return NULL;
}

int flashlm_second_core_start(void) {
    pthread_t thread;
    return pthread_create(&thread, NULL, serve, NULL) == 0;
}

#else

/* C wants something in every file. */
typedef int flashlm_no_thread_is_needed;

#endif
