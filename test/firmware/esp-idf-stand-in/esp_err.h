#ifndef STAND_IN_ESP_ERR_H
#define STAND_IN_ESP_ERR_H

typedef int esp_err_t;
#define ESP_OK 0
#define ESP_FAIL (-1)

const char *esp_err_to_name(esp_err_t error);
void stand_in_abort(esp_err_t error);

#define ESP_ERROR_CHECK(error) \
    do { \
        esp_err_t stand_in_error = (error); \
        if (stand_in_error != ESP_OK) { \
            stand_in_abort(stand_in_error); \
        } \
    } while (0)

#endif
