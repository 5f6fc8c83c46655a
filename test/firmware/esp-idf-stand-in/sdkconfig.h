/* What ESP-IDF writes here comes from sdkconfig.defaults and its own settings. */
#define CONFIG_ESP_CONSOLE_UART_NUM 0
#define CONFIG_ESP_MAIN_TASK_STACK_SIZE 8192
