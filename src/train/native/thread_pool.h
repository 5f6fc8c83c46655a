/* A fixed number of threads that run one task at a time, together. */
#ifndef THREAD_POOL_H
#define THREAD_POOL_H

#include <stddef.h>

struct thread_pool;

/* A task, told which of the threads runs it. */
typedef void (*thread_task)(void *context, size_t thread, size_t threads);

/* The calling thread is one of the threads. Returns NULL where the system gives no more threads. */
struct thread_pool *thread_pool_create(size_t threads);

/* Runs the task once on each thread and returns when all have finished. */
void thread_pool_run(struct thread_pool *pool, thread_task task, void *context);

void thread_pool_destroy(struct thread_pool *pool);

/* First of the items that a thread takes when `items` are divided evenly; the last is where the next one begins. */
size_t first_item(size_t items, size_t thread, size_t threads);

#endif
