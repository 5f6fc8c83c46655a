#ifndef STAND_IN_ESP_LOG_H
#define STAND_IN_ESP_LOG_H

void stand_in_log(const char *tag, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define ESP_LOGE(tag, ...) stand_in_log(tag, __VA_ARGS__)

#endif
