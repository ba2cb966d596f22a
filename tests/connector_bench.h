/*
 * connector_bench - a connector under test, what it was asked and what it answered.
 */
#ifndef KASK_TEST_CONNECTOR_BENCH_H
#define KASK_TEST_CONNECTOR_BENCH_H

#include "connector.h"
#include "settings.h"

#include <stdlib.h>
#include <time.h>

typedef struct {
    settings_t *settings;
    connector_t *connector;
    delivery_t delivery; // the last that came
    jv response;         // to the last request
    problem_t problem;
} bench_t;

static inline int64_t
now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline connector_result_t
perform_with (bench_t *self, const char *request, const attachment_t *attachments, size_t n)
{
    jv value = jv_parse (request);
    jv_free (self->response);
    connector_result_t result = self->connector->perform (self->connector, value, attachments, n,
                                                          &self->response, &self->problem);
    jv_free (value);
    return result;
}

static inline connector_result_t
perform (bench_t *self, const char *request)
{
    return perform_with (self, request, NULL, 0);
}

// Settings of a file; they end the test where they are none.
static inline settings_t *
bench_settings (const char *path, const setting_t *table)
{
    char wrong[SETTINGS_PROBLEM_BYTES] = "";
    settings_t *settings = settings_read (path, table, wrong);
    if (!settings) {
        printf ("Bail out! %s\n", wrong);
        exit (1);
    }
    return settings;
}

static inline void
bench_clear (bench_t *self)
{
    jv_free (self->response);
    self->connector->destroy (&self->connector);
    settings_destroy (&self->settings);
}

#endif
