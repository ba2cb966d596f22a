/*
 * t_http_token - signing in at the system.
 */
#include "http_bench.h"
#include "log.h"

static const char oauth[] = "client_id = adapter\nclient_secret = file:secret";

static void
a_token_is_fetched_kept_and_renewed (void)
{
    static const http_step_t steps[] = {{.status = 200, .body = "{}"},
                                        {.status = 200, .body = "{}"},
                                        {.status = 401, .body = "{}"},
                                        {.status = 200, .body = "{}"}};
    bench_t bench = {.response = jv_null ()};
    scratch_begin ();
    scratch_write ("secret", "s3cret\n");
    bench_server = http_server_new (steps, 4, 300);
    bench.settings = settings_of (http_server_port (bench_server), oauth);
    bench.connector = connector_http_new (bench.settings, &bench.problem);
    bail_unless (bench.connector, &bench.problem);
    is_int (perform (&bench, get), CONNECTOR_OK, "a request with a token");
    ok (strstr (http_server_last (bench_server), " Bearer t1|") != NULL, "  carries it");
    is_int (perform (&bench, get), CONNECTOR_OK, "the next one");
    is_int (http_server_tokens (bench_server), 1, "  uses it again");
    is_int (perform (&bench, post), CONNECTOR_OK, "a token that has ended");
    ok (strstr (http_server_last (bench_server), " Bearer t2|") != NULL, "  is renewed");
    is_int (http_server_requests (bench_server), 4, "  and the request sent again, once");
    bench_end (&bench);
}

static void
a_secret_that_is_not_taken_is_put_off (void)
{
    static const http_step_t steps[] = {{.status = 200, .body = "{}"}};
    bench_t bench = bench_begin (steps, 1, 0, "client_id = adapter\nclient_secret = wrong");
    is_int (perform (&bench, get), CONNECTOR_LATER, "no token, no request");
    is_int (http_server_requests (bench_server), 0, "  nothing was sent");
    ok (strstr (bench.problem.todo, "client_secret") != NULL &&
            !strstr (bench.problem.what, "wrong"),
        "  and it says what to mend, not the secret");
    bench_end (&bench);
}

static void
two_refusals_of_a_token_are_put_off (void)
{
    static const http_step_t steps[] = {{.status = 401, .body = "{}"}};
    bench_t bench = bench_begin (steps, 1, 300, "client_id = adapter\nclient_secret = right");
    is_int (perform (&bench, get), CONNECTOR_LATER, "401 with a new token, too");
    is_int (http_server_requests (bench_server), 2, "  is not tried for ever");
    bench_end (&bench);
}

static void
other_ways_to_sign_in (void)
{
    static const http_step_t steps[] = {{.status = 200, .body = "{}"}};
    bench_t bench = bench_begin (steps, 1, 0, "user = Aladdin\npassword = open sesame");
    is_int (perform (&bench, get), CONNECTOR_OK, "user and password");
    ok (strstr (http_server_last (bench_server), " Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==|") != NULL,
        "  as RFC 7617 has it");
    bench_end (&bench);
    setenv ("KASK_TEST_TOKEN", "fixed", 1);
    bench = bench_begin (steps, 1, 0, "token = env:KASK_TEST_TOKEN");
    is_int (perform (&bench, get), CONNECTOR_OK, "a token from the environment");
    ok (strstr (http_server_last (bench_server), " Bearer fixed|") != NULL, "  is sent");
    bench_end (&bench);
}

int
main (void)
{
    log_set_level (LOG_LEVEL_ERROR);
    a_token_is_fetched_kept_and_renewed ();
    a_secret_that_is_not_taken_is_put_off ();
    two_refusals_of_a_token_are_put_off ();
    other_ways_to_sign_in ();
    return tap_end ();
}
