/*
 * t_http_retry - what is sent again, when, and what never is.
 */
#include "connectors/http_retry.h"
#include "http_bench.h"
#include "log.h"

static void
what_was_not_carried_out_is_tried_again (void)
{
    static const http_step_t steps[] = {
        {.status = 503, .body = "{}"},
        {.status = 429, .field = "Retry-After", .value = "1", .body = "{}"},
        {.status = 201, .body = "{}"}};
    bench_t bench = bench_begin (steps, 3, 0, "");
    int64_t begun_ms = now_ms ();
    is_int (perform (&bench, post), CONNECTOR_OK, "503, 429, then 201");
    is_int (http_server_requests (bench_server), 3, "  three requests");
    ok (now_ms () - begun_ms >= 1000, "  Retry-After was kept");
    bench_end (&bench);
}

static void
a_retry_after_that_is_too_long_is_put_off (void)
{
    static const http_step_t steps[] = {
        {.status = 429, .field = "Retry-After", .value = "600", .body = "{}"}};
    bench_t bench = bench_begin (steps, 1, 0, "");
    int64_t begun_ms = now_ms ();
    is_int (perform (&bench, get), CONNECTOR_LATER, "a wait of ten minutes is not ours");
    ok (now_ms () - begun_ms < 1000, "  it is put off at once");
    bench_end (&bench);
}

static void
what_may_have_been_carried_out_is_not_sent_again (void)
{
    static const http_step_t failing[] = {{.status = 500, .body = "{}"},
                                          {.status = 201, .body = "{}"}};
    static const http_step_t closing[] = {{.status = 0}, {.status = 201, .body = "{}"}};
    const http_step_t *both[] = {failing, closing};
    for (size_t i = 0; i < 2; i++) {
        bench_t bench = bench_begin (both[i], 2, 0, "");
        is_int (perform (&bench, post), CONNECTOR_LATER,
                i ? "POST, closed without an answer" : "POST, 500");
        is_int (http_server_requests (bench_server), 1, "  is not sent again");
        is_int (perform (&bench, "{\"method\":\"PUT\",\"path\":\"/x\",\"json\":{}}"), CONNECTOR_OK,
                "PUT");
        bench_end (&bench);
        bench = bench_begin (both[i], 2, 0, "");
        is_int (perform (&bench, get), CONNECTOR_OK, "GET");
        is_int (http_server_requests (bench_server), 2, "  is sent again");
        bench_end (&bench);
    }
}

static void
a_connection_used_again_does_not_send_twice (void)
{
    static const http_step_t steps[] = {
        {.status = 200, .body = "{}"}, {.status = 0}, {.status = 201, .body = "{}"}};
    bench_t bench = bench_begin (steps, 3, 0, "");
    is_int (perform (&bench, get), CONNECTOR_OK, "a connection is there");
    is_int (perform (&bench, post), CONNECTOR_LATER, "a POST is closed without an answer");
    is_int (http_server_requests (bench_server), 2, "  and not sent again by libcurl either");
    bench_end (&bench);
}

static void
a_system_that_hangs_or_is_away_costs_bounded_time (void)
{
    static const http_step_t steps[] = {{.status = 200, .hangs = true}};
    bench_t bench = bench_begin (steps, 1, 0, "try_for = 1 s");
    int64_t begun_ms = now_ms ();
    is_int (perform (&bench, get), CONNECTOR_LATER, "a system that hangs");
    ok (now_ms () - begun_ms < 4000, "  costs bounded time");
    ok (strstr (bench.problem.what, "not known") != NULL,
        "  and it is said that the outcome is unknown");
    http_server_destroy (&bench_server);
    is_int (perform (&bench, post), CONNECTOR_LATER, "a system that is away");
    ok (strstr (bench.problem.what, "nothing was sent") != NULL,
        "  and it is said that nothing was sent");
    bench_end (&bench);
}

static void
waits_grow_and_end (void)
{
    is_int (http_retry_wait_ms (HTTP_ANSWERED, 503, false, 1, -1, 60000), 200, "first wait");
    is_int (http_retry_wait_ms (HTTP_ANSWERED, 503, false, 3, -1, 60000), 800, "third wait");
    is_int (http_retry_wait_ms (HTTP_ANSWERED, 503, false, 30, -1, 60000), 10000, "longest wait");
    is_int (http_retry_wait_ms (HTTP_ANSWERED, 503, false, 1, -1, 200), -1, "no time left");
    is_int (http_retry_wait_ms (HTTP_ANSWERED, 404, true, 1, -1, 60000), -1, "404 does not pass");
    is_int (http_retry_wait_ms (HTTP_UNREACHED, 0, false, 1, -1, 60000), 200, "not reached");
    is_int (http_retry_wait_ms (HTTP_UNKNOWN, 0, false, 1, -1, 60000), -1,
            "unknown, and not the same twice");
    is_int (http_retry_wait_ms (HTTP_UNKNOWN, 0, true, 1, 3000, 60000), 3000,
            "what the system asks for");
}

int
main (void)
{
    log_set_level (LOG_LEVEL_ERROR);
    what_was_not_carried_out_is_tried_again ();
    a_retry_after_that_is_too_long_is_put_off ();
    what_may_have_been_carried_out_is_not_sent_again ();
    a_connection_used_again_does_not_send_twice ();
    a_system_that_hangs_or_is_away_costs_bounded_time ();
    waits_grow_and_end ();
    return tap_end ();
}
