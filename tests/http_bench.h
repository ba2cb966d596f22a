/*
 * http_bench - a connector to a system of the test's own, which answers step by step.
 */
#ifndef KASK_TEST_HTTP_BENCH_H
#define KASK_TEST_HTTP_BENCH_H

#include "connector_bench.h"
#include "http_server.h"
#include "scratch.h"
#include "tap.h"

static http_server_t *bench_server; // NULL: none

static const char get[] = "{\"method\":\"GET\",\"path\":\"/cases\"}";
static const char post[] = "{\"method\":\"POST\",\"path\":\"/cases\",\"json\":{\"a\":\"1\"}}";

static inline settings_t *
settings_of (unsigned port, const char *more)
{
    static char conf[2000];
    snprintf (conf, sizeof conf,
              "[http]\nurl = http://127.0.0.1:%u\ntimeout = 500 ms\nmax_response = "
              "4 KiB\n%s\n",
              port, more);
    scratch_write ("adapter.conf", conf);
    return bench_settings (scratch_path ("adapter.conf"), connector_http_settings);
}

static inline void
bail_unless (const connector_t *connector, const problem_t *problem)
{
    if (connector)
        return;
    printf ("Bail out! %s: %s\n", problem->field, problem->what);
    exit (1);
}

static inline bench_t
bench_begin (const http_step_t *steps, size_t n, int token_s, const char *more)
{
    bench_t self = {.response = jv_null ()};
    scratch_begin ();
    bench_server = http_server_new (steps, n, token_s);
    self.settings = settings_of (http_server_port (bench_server), more);
    self.connector = connector_http_new (self.settings, &self.problem);
    bail_unless (self.connector, &self.problem);
    return self;
}

static inline void
bench_end (bench_t *self)
{
    bench_clear (self);
    if (bench_server)
        http_server_destroy (&bench_server);
    scratch_end ();
}

// A member of the response as text, good until the next call.
static inline const char *
member (const bench_t *self, const char *name)
{
    static char text[2000];
    if (jv_get_kind (self->response) != JV_KIND_OBJECT)
        return "(none)";
    jv value = jv_object_get (jv_copy (self->response), jv_string (name));
    jv dump = jv_is_valid (value) ? jv_dump_string (value, JV_PRINT_SORTED) : value;
    snprintf (text, sizeof text, "%s", jv_is_valid (dump) ? jv_string_value (dump) : "(none)");
    jv_free (dump);
    return text;
}

#endif
