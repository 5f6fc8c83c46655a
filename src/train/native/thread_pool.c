#include "thread_pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct helper {
    struct thread_pool *pool;
    size_t index;
    pthread_t thread;
};

struct thread_pool {
    size_t threads;
    struct helper *helpers; /* threads - 1: the caller is thread 0 */
    size_t started;
    pthread_mutex_t mutex;
    pthread_cond_t task_given;
    pthread_cond_t task_finished;
    thread_task task;
    void *context;
    unsigned long round; /* counts tasks, so that a helper knows a new one */
    size_t running;
    bool closing;
};

static void *run_helper(void *argument) {
    const struct helper *helper = argument;
    struct thread_pool *pool = helper->pool;
    unsigned long seen = 0;
    for (;;) {
        pthread_mutex_lock(&pool->mutex);
        while (pool->round == seen && !pool->closing) pthread_cond_wait(&pool->task_given, &pool->mutex);
        const bool closing = pool->closing;
        seen = pool->round;
        pthread_mutex_unlock(&pool->mutex);
        if (closing) return NULL;
        pool->task(pool->context, helper->index, pool->threads);
        pthread_mutex_lock(&pool->mutex);
        if (--pool->running == 0) pthread_cond_signal(&pool->task_finished);
        pthread_mutex_unlock(&pool->mutex);
    }
}

struct thread_pool *thread_pool_create(size_t threads) {
    struct thread_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL) return NULL;
    pool->threads = threads;
    pool->helpers = calloc(threads, sizeof *pool->helpers);
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->task_given, NULL);
    pthread_cond_init(&pool->task_finished, NULL);
    for (size_t i = 0; pool->helpers != NULL && i + 1 < threads; i++) {
        struct helper *helper = &pool->helpers[i];
        *helper = (struct helper){.pool = pool, .index = i + 1};
        if (pthread_create(&helper->thread, NULL, run_helper, helper) != 0) break;
        pool->started++;
    }
    if (pool->helpers == NULL || pool->started + 1 != threads) {
        thread_pool_destroy(pool);
        return NULL;
    }
    return pool;
}

void thread_pool_run(struct thread_pool *pool, thread_task task, void *context) {
    pthread_mutex_lock(&pool->mutex);
    pool->task = task;
    pool->context = context;
    pool->running = pool->started;
    pool->round++;
    pthread_cond_broadcast(&pool->task_given);
    pthread_mutex_unlock(&pool->mutex);
    task(context, 0, pool->threads);
    pthread_mutex_lock(&pool->mutex);
    while (pool->running > 0) pthread_cond_wait(&pool->task_finished, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}

void thread_pool_destroy(struct thread_pool *pool) {
    if (pool == NULL) return;
    pthread_mutex_lock(&pool->mutex);
    pool->closing = true;
    pthread_cond_broadcast(&pool->task_given);
    pthread_mutex_unlock(&pool->mutex);
    for (size_t i = 0; i < pool->started; i++) pthread_join(pool->helpers[i].thread, NULL);
    pthread_cond_destroy(&pool->task_finished);
    pthread_cond_destroy(&pool->task_given);
    pthread_mutex_destroy(&pool->mutex);
    free(pool->helpers);
    free(pool);
}

size_t first_item(size_t items, size_t thread, size_t threads) {
    return items * thread / threads;
}
