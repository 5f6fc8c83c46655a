/*
 * The trainer as a Node addon. JavaScript owns the vectors of parameters; the handle keeps them alive.
 *
 *   create({vocabulary, dimension, blocks, hidden, kernel, memoryHeads, memorySlots, clusters, length, threads,
 *           integers, parameters, gradient, firstMoment, secondMoment}) -> handle, or null where memory or threads are short
 *   compute(handle, windows: Int32Array, sequences, withGradient) -> [loss, gradientNorm]
 *   update(handle, Float64Array [step, gradientScale, beta1, beta2, epsilon, then for each group end, learningRate,
 *          weightDecay, rows, columns])
 *   logits(handle, tokens: Int32Array, logits: Float32Array)
 *   close(handle)
 *   loadBlas(library or null) -> boolean; before any handle is created
 *   productRate(tokens, outputs, inputs) -> operations a second of a float product on one thread
 *   hasIntegerProducts() -> boolean
 */
#include <node_api.h>
#include <stdlib.h>
#include <string.h>

#include "integer_product.h"
#include "matrix_product.h"
#include "product_rate.h"
#include "trainer.h"

enum { VECTOR_COUNT = 4, LARGEST_GROUPS = 1024, STEP_FIELDS = 5, GROUP_FIELDS = 5 };

struct handle {
    struct trainer *trainer; /* NULL after close */
    napi_ref vectors[VECTOR_COUNT];
};

static napi_value throw_error(napi_env env, const char *message) {
    napi_throw_error(env, NULL, message);
    return NULL;
}

static size_t size_property(napi_env env, napi_value object, const char *name) {
    napi_value value;
    uint32_t number = 0;
    if (napi_get_named_property(env, object, name, &value) == napi_ok) napi_get_value_uint32(env, value, &number);
    return number;
}

/* Elements of a typed array of the wanted type; NULL, with length 0, for anything else. */
static void *elements(napi_env env, napi_value value, napi_typedarray_type wanted, size_t *length) {
    napi_typedarray_type type;
    void *data = NULL;
    *length = 0;
    if (napi_get_typedarray_info(env, value, &type, length, &data, NULL, NULL) != napi_ok || type != wanted) {
        *length = 0;
        return NULL;
    }
    return data;
}

static void close_handle(napi_env env, struct handle *handle) {
    trainer_destroy(handle->trainer);
    handle->trainer = NULL;
    for (size_t i = 0; i < VECTOR_COUNT; i++) {
        if (handle->vectors[i] != NULL) napi_delete_reference(env, handle->vectors[i]);
        handle->vectors[i] = NULL;
    }
}

static void finalize_handle(napi_env env, void *data, void *hint) {
    (void)hint;
    close_handle(env, data);
    free(data);
}

static napi_value create(napi_env env, napi_callback_info info) {
    size_t count = 1;
    napi_value settings, result;
    napi_get_cb_info(env, info, &count, &settings, NULL, NULL);
    const struct shape shape = {.vocabulary = size_property(env, settings, "vocabulary"),
                                .dimension = size_property(env, settings, "dimension"),
                                .blocks = size_property(env, settings, "blocks"),
                                .hidden = size_property(env, settings, "hidden"),
                                .kernel = size_property(env, settings, "kernel"),
                                .memory_heads = size_property(env, settings, "memoryHeads"),
                                .memory_slots = size_property(env, settings, "memorySlots"),
                                .clusters = size_property(env, settings, "clusters")};
    const size_t length = size_property(env, settings, "length"), threads = size_property(env, settings, "threads");
    if (shape.dimension == 0 || shape.blocks == 0 || threads == 0) return throw_error(env, "A size is missing.");

    static const char *const names[VECTOR_COUNT] = {"parameters", "gradient", "firstMoment", "secondMoment"};
    float *vectors[VECTOR_COUNT];
    napi_value arrays[VECTOR_COUNT];
    for (size_t i = 0; i < VECTOR_COUNT; i++) {
        size_t vector_length;
        napi_get_named_property(env, settings, names[i], &arrays[i]);
        vectors[i] = elements(env, arrays[i], napi_float32_array, &vector_length);
        if (vector_length != parameter_count(&shape)) return throw_error(env, "A vector has the wrong length.");
    }
    struct handle *handle = calloc(1, sizeof *handle);
    if (handle == NULL) return throw_error(env, "Memory is short.");
    const struct trainer_vectors trainer_vectors = {vectors[0], vectors[1], vectors[2], vectors[3]};
    handle->trainer =
        trainer_create(&shape, length, threads, size_property(env, settings, "integers") != 0, &trainer_vectors);
    if (handle->trainer == NULL) {
        free(handle);
        napi_get_null(env, &result);
        return result;
    }
    for (size_t i = 0; i < VECTOR_COUNT; i++) napi_create_reference(env, arrays[i], 1, &handle->vectors[i]);
    napi_create_external(env, handle, finalize_handle, NULL, &result);
    return result;
}

/* Reads arguments, the first of them a handle; NULL, with an exception, where it is none or closed. */
static struct handle *arguments_of(napi_env env, napi_callback_info info, size_t count, napi_value *arguments) {
    struct handle *handle = NULL;
    napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
    if (napi_get_value_external(env, arguments[0], (void **)&handle) != napi_ok || handle->trainer == NULL) {
        throw_error(env, "The trainer is closed.");
        return NULL;
    }
    return handle;
}

static napi_value compute(napi_env env, napi_callback_info info) {
    napi_value arguments[4], result, value;
    struct handle *handle = arguments_of(env, info, 4, arguments);
    if (handle == NULL) return NULL;
    size_t length;
    uint32_t sequences = 0;
    bool with_gradient = false;
    const int32_t *windows = elements(env, arguments[1], napi_int32_array, &length);
    napi_get_value_uint32(env, arguments[2], &sequences);
    napi_get_value_bool(env, arguments[3], &with_gradient);
    if (sequences == 0 || length % sequences != 0 || length / sequences < 2) {
        return throw_error(env, "The windows do not divide into sequences.");
    }
    const struct batch_result batch =
        trainer_compute(handle->trainer, windows, sequences, length / sequences - 1, with_gradient);
    napi_create_array_with_length(env, 2, &result);
    napi_create_double(env, batch.loss, &value);
    napi_set_element(env, result, 0, value);
    napi_create_double(env, batch.gradient_norm, &value);
    napi_set_element(env, result, 1, value);
    return result;
}

static napi_value update(napi_env env, napi_callback_info info) {
    napi_value arguments[2];
    struct handle *handle = arguments_of(env, info, 2, arguments);
    if (handle == NULL) return NULL;
    size_t length;
    const double *fields = elements(env, arguments[1], napi_float64_array, &length);
    const size_t group_count = length < STEP_FIELDS ? 0 : (length - STEP_FIELDS) / GROUP_FIELDS;
    if (group_count == 0 || group_count > LARGEST_GROUPS) return throw_error(env, "Wrong number of groups.");
    const struct optimizer_step step = {(size_t)fields[0], (float)fields[1], (float)fields[2], (float)fields[3],
                                        (float)fields[4]};
    struct parameter_group groups[LARGEST_GROUPS];
    for (size_t i = 0; i < group_count; i++) {
        const double *group = fields + STEP_FIELDS + i * GROUP_FIELDS;
        groups[i] = (struct parameter_group){(size_t)group[0], (float)group[1], (float)group[2],
                                             (size_t)group[3], (size_t)group[4]};
    }
    trainer_update(handle->trainer, &step, groups, group_count);
    return NULL;
}

static napi_value logits(napi_env env, napi_callback_info info) {
    napi_value arguments[3];
    struct handle *handle = arguments_of(env, info, 3, arguments);
    if (handle == NULL) return NULL;
    size_t length, logit_count;
    const int32_t *tokens = elements(env, arguments[1], napi_int32_array, &length);
    float *result = elements(env, arguments[2], napi_float32_array, &logit_count);
    trainer_logits(handle->trainer, tokens, length, result);
    return NULL;
}

static napi_value close_trainer(napi_env env, napi_callback_info info) {
    napi_value arguments[1];
    struct handle *handle = arguments_of(env, info, 1, arguments);
    if (handle != NULL) close_handle(env, handle);
    return NULL;
}

static napi_value load_blas_library(napi_env env, napi_callback_info info) {
    size_t count = 1, length;
    napi_value argument, result;
    char library[4096];
    napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
    const bool named = napi_get_value_string_utf8(env, argument, library, sizeof library, &length) == napi_ok;
    napi_get_boolean(env, load_blas(named ? library : NULL), &result);
    return result;
}

static napi_value product_rate_here(napi_env env, napi_callback_info info) {
    size_t count = 3;
    napi_value arguments[3], result;
    uint32_t tokens = 0, outputs = 0, inputs = 0;
    napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
    napi_get_value_uint32(env, arguments[0], &tokens);
    napi_get_value_uint32(env, arguments[1], &outputs);
    napi_get_value_uint32(env, arguments[2], &inputs);
    napi_create_double(env, product_rate(tokens, outputs, inputs), &result);
    return result;
}

static napi_value has_integer_products_here(napi_env env, napi_callback_info info) {
    (void)info;
    napi_value result;
    napi_get_boolean(env, has_integer_products(), &result);
    return result;
}

NAPI_MODULE_INIT() {
    static const struct {
        const char *name;
        napi_callback function;
    } functions[] = {
        {"create", create},     {"compute", compute},      {"update", update},
        {"logits", logits},     {"close", close_trainer},  {"loadBlas", load_blas_library},
        {"productRate", product_rate_here},
        {"hasIntegerProducts", has_integer_products_here},
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        napi_value function;
        napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].function, NULL, &function);
        napi_set_named_property(env, exports, functions[i].name, function);
    }
    return exports;
}
