/* Two tasks as two threads of the computer: see README.md. */
#include <pthread.h>
#include <stdio.h>

#include "freertos/task.h"

struct stand_in_task {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint32_t notifications;
    int core;
    TaskFunction_t function;
    void *argument;
};

#define TASK_OF_CORE(number) \
    { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, number, NULL, NULL }

static struct stand_in_task tasks[2] = {TASK_OF_CORE(0), TASK_OF_CORE(1)};
static _Thread_local struct stand_in_task *current = &tasks[0];

TaskHandle_t xTaskGetCurrentTaskHandle(void) {
    return current;
}

BaseType_t xPortGetCoreID(void) {
    return current->core;
}

static void *run(void *task) {
    current = task;
    current->function(current->argument);
    return NULL;
}

BaseType_t xTaskCreatePinnedToCore(TaskFunction_t function, const char *name, uint32_t stack_bytes, void *argument,
                                   UBaseType_t priority, TaskHandle_t *task, BaseType_t core) {
    pthread_t thread;
    if (core != 1 || stack_bytes == 0 || priority == 0) {
        return 0;
    }
    tasks[1].function = function;
    tasks[1].argument = argument;
    *task = &tasks[1];
    fprintf(stderr, "task %s on core %d\n", name, core);
    return pthread_create(&thread, NULL, run, &tasks[1]) == 0 ? pdPASS : 0;
}

uint32_t ulTaskNotifyTake(BaseType_t clear, TickType_t ticks) {
    uint32_t notifications;
    (void)clear;
    (void)ticks;
    pthread_mutex_lock(&current->lock);
    while (current->notifications == 0) {
        pthread_cond_wait(&current->changed, &current->lock);
    }
    notifications = current->notifications;
    current->notifications = 0;
    pthread_mutex_unlock(&current->lock);
    return notifications;
}

BaseType_t xTaskNotifyGive(TaskHandle_t task) {
    pthread_mutex_lock(&task->lock);
    task->notifications++;
    pthread_cond_signal(&task->changed);
    pthread_mutex_unlock(&task->lock);
    return pdPASS;
}
