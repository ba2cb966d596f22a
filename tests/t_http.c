/*
 * t_http - the HTTP connector against a system that does what each test says.
 */
#include "connector.h"
#include "connectors/http_request.h"
#include "connectors/http_retry.h"
#include "http_server.h"
#include "log.h"
#include "scratch.h"
#include "tap.h"

#include <curl/curl.h>
#include <poll.h>
#include <sodium.h>
#include <time.h>

typedef struct {
    http_server_t *server; // NULL: none
    settings_t *settings;
    connector_t *connector;
    jv response;
    problem_t problem;
} bench_t;

static settings_t *
settings_of (unsigned port, const char *more)
{
    static char conf[2000];
    char wrong[SETTINGS_PROBLEM_BYTES] = "";
    snprintf (conf, sizeof conf,
              "[http]\nurl = http://127.0.0.1:%u\ntimeout = 500 ms\nmax_response = "
              "4 KiB\n%s\n",
              port, more);
    scratch_write ("adapter.conf", conf);
    settings_t *settings =
        settings_read (scratch_path ("adapter.conf"), connector_http_settings, wrong);
    if (!settings) {
        printf ("Bail out! %s\n", wrong);
        exit (1);
    }
    return settings;
}

static void
bail_unless (const connector_t *connector, const problem_t *problem)
{
    if (connector)
        return;
    printf ("Bail out! %s: %s\n", problem->field, problem->what);
    exit (1);
}

static bench_t
bench_begin (const http_step_t *steps, size_t n, int token_s, const char *more)
{
    bench_t self = {.response = jv_null ()};
    scratch_begin ();
    self.server = http_server_new (steps, n, token_s);
    self.settings = settings_of (http_server_port (self.server), more);
    self.connector = connector_http_new (self.settings, &self.problem);
    bail_unless (self.connector, &self.problem);
    return self;
}

static void
bench_end (bench_t *self)
{
    jv_free (self->response);
    self->connector->destroy (&self->connector);
    settings_destroy (&self->settings);
    if (self->server)
        http_server_destroy (&self->server);
    scratch_end ();
}

static connector_result_t
perform_with (bench_t *self, const char *request, const attachment_t *attachments, size_t n)
{
    jv value = jv_parse (request);
    jv_free (self->response);
    connector_result_t result = self->connector->perform (self->connector, value, attachments, n,
                                                          &self->response, &self->problem);
    jv_free (value);
    return result;
}

static connector_result_t
perform (bench_t *self, const char *request)
{
    return perform_with (self, request, NULL, 0);
}

// A member of the response as text, good until the next call.
static const char *
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

static int64_t
now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const char get[] = "{\"method\":\"GET\",\"path\":\"/cases\"}";
static const char post[] = "{\"method\":\"POST\",\"path\":\"/cases\",\"json\":{\"a\":\"1\"}}";

// ---- one request

static void
a_request_goes_out_as_it_says (void)
{
    static const http_step_t steps[] = {{.status = 200,
                                         .field = "ETag",
                                         .value = "\"7\"",
                                         .body = "{\"id\":9007199254740993,\"n\":1}"}};
    bench_t bench = bench_begin (steps, 1, 0, "");
    is_int (perform (&bench,
                     "{\"method\":\"POST\",\"path\":\"/a%20b\",\"query\":{\"q\":\"\u00e6 "
                     "&=\",\"n\":2,\"no\":null},"
                     "\"headers\":{\"If-Match\":\"\\\"3\\\"\"},\"json\":{\"b\":\"\u00f8\"}}"),
            CONNECTOR_OK, "a request is answered");
    is_text (member (&bench, "status"), "200", "  its status");
    is_text (member (&bench, "json"), "{\"id\":\"9007199254740993\",\"n\":1}",
             "  its JSON, big numbers exact");
    ok (strstr (member (&bench, "headers"), "\"etag\":\"\\\"7\\\"\"") != NULL,
        "  its header fields in lower case");
    ok (strncmp (http_server_last (bench.server), "POST /a%20b?", 12) == 0,
        "the path went as it was");
    ok (strstr (http_server_last (bench.server), "q=%C3%A6%20%26%3D") != NULL,
        "  the query encoded");
    ok (strstr (http_server_last (bench.server), "no=") == NULL, "  without what is null");
    ok (strstr (http_server_last (bench.server), "|application/json|{\"b\":\"\u00f8\"}") != NULL,
        "  and the body");
    bench_end (&bench);
}

static void
statuses_mean_what_the_contract_says (void)
{
    static const struct {
        const char *accept;
        unsigned status;
        connector_result_t result;
    } cases[] = {
        {"", 200, CONNECTOR_OK},
        {"", 204, CONNECTOR_OK},
        {"", 404, CONNECTOR_REFUSED},
        {",\"accept\":[404]", 404, CONNECTOR_OK},
        {",\"accept\":[404]", 409, CONNECTOR_REFUSED},
        {"", 422, CONNECTOR_REFUSED},
        {"", 401, CONNECTOR_LATER},
        {"", 302, CONNECTOR_LATER},
        {"", 500, CONNECTOR_LATER},
        {",\"accept\":[500]", 500, CONNECTOR_OK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        http_step_t step = {.status = cases[i].status,
                            .body = cases[i].status == 204 ? NULL : "{}"};
        char request[200], name[80];
        bench_t bench = bench_begin (&step, 1, 0, "try_for = 0 s");
        snprintf (request, sizeof request, "{\"method\":\"POST\",\"path\":\"/x\"%s}",
                  cases[i].accept);
        snprintf (name, sizeof name, "%u%s", cases[i].status, cases[i].accept);
        is_int (perform (&bench, request), cases[i].result, name);
        bench_end (&bench);
    }
}

static void
a_refusal_brings_what_the_system_said (void)
{
    static const http_step_t steps[] = {{.status = 422, .body = "{\"field\":\"zip\"}"}};
    bench_t bench = bench_begin (steps, 1, 0, "");
    is_int (perform (&bench, post), CONNECTOR_REFUSED, "422 is a refusal");
    is_text (member (&bench, "json"), "{\"field\":\"zip\"}", "  with the answer");
    ok (strstr (bench.problem.what, "422") && strstr (bench.problem.path, "POST /cases"),
        "  and a problem that names the request");
    bench_end (&bench);
}

static void
text_and_broken_json_are_told_apart (void)
{
    static const http_step_t steps[] = {
        {.status = 200, .field = "Content-Type", .value = "text/plain", .body = "hello"},
        {.status = 200, .body = "<html>"},
    };
    bench_t bench = bench_begin (steps, 2, 0, "");
    is_int (perform (&bench, get), CONNECTOR_OK, "a text");
    is_text (member (&bench, "text"), "\"hello\"", "  comes as text");
    is_int (perform (&bench, get), CONNECTOR_LATER, "what calls itself JSON and is not is put off");
    ok (strstr (bench.problem.what, "calls itself JSON") != NULL, "  and said");
    bench_end (&bench);
}

static void
redirects_are_not_followed (void)
{
    static const http_step_t steps[] = {
        {.status = 302, .field = "Location", .value = "/elsewhere"}};
    bench_t bench = bench_begin (steps, 1, 0, "");
    is_int (perform (&bench, get), CONNECTOR_LATER, "a redirect is put off");
    is_int (http_server_requests (bench.server), 1, "  not followed");
    ok (strstr (bench.problem.what, "elsewhere") != NULL, "  and said");
    bench_end (&bench);
}

static void
too_large_an_answer_is_not_read (void)
{
    static const http_step_t steps[] = {{.status = 200, .body = "0123456789", .repeat = 1000}};
    bench_t bench = bench_begin (steps, 1, 0, "");
    is_int (perform (&bench, get), CONNECTOR_REFUSED, "10 kB where 4 KiB are allowed");
    ok (strstr (bench.problem.what, "too large") != NULL, "  and it says so");
    is_int (http_server_requests (bench.server), 1, "  once only");
    bench_end (&bench);
}

// ---- trying again

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
    is_int (http_server_requests (bench.server), 3, "  three requests");
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
        is_int (http_server_requests (bench.server), 1, "  is not sent again");
        is_int (perform (&bench, "{\"method\":\"PUT\",\"path\":\"/x\",\"json\":{}}"), CONNECTOR_OK,
                "PUT");
        bench_end (&bench);
        bench = bench_begin (both[i], 2, 0, "");
        is_int (perform (&bench, get), CONNECTOR_OK, "GET");
        is_int (http_server_requests (bench.server), 2, "  is sent again");
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
    is_int (http_server_requests (bench.server), 2, "  and not sent again by libcurl either");
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
    http_server_destroy (&bench.server);
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

// ---- signing in

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
    bench.server = http_server_new (steps, 4, 300);
    bench.settings = settings_of (http_server_port (bench.server), oauth);
    bench.connector = connector_http_new (bench.settings, &bench.problem);
    bail_unless (bench.connector, &bench.problem);
    is_int (perform (&bench, get), CONNECTOR_OK, "a request with a token");
    ok (strstr (http_server_last (bench.server), " Bearer t1|") != NULL, "  carries it");
    is_int (perform (&bench, get), CONNECTOR_OK, "the next one");
    is_int (http_server_tokens (bench.server), 1, "  uses it again");
    is_int (perform (&bench, post), CONNECTOR_OK, "a token that has ended");
    ok (strstr (http_server_last (bench.server), " Bearer t2|") != NULL, "  is renewed");
    is_int (http_server_requests (bench.server), 4, "  and the request sent again, once");
    bench_end (&bench);
}

static void
a_secret_that_is_not_taken_is_put_off (void)
{
    static const http_step_t steps[] = {{.status = 200, .body = "{}"}};
    bench_t bench = bench_begin (steps, 1, 0, "client_id = adapter\nclient_secret = wrong");
    is_int (perform (&bench, get), CONNECTOR_LATER, "no token, no request");
    is_int (http_server_requests (bench.server), 0, "  nothing was sent");
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
    is_int (http_server_requests (bench.server), 2, "  is not tried for ever");
    bench_end (&bench);
}

static void
other_ways_to_sign_in (void)
{
    static const http_step_t steps[] = {{.status = 200, .body = "{}"}};
    bench_t bench = bench_begin (steps, 1, 0, "user = Aladdin\npassword = open sesame");
    is_int (perform (&bench, get), CONNECTOR_OK, "user and password");
    ok (strstr (http_server_last (bench.server), " Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==|") != NULL,
        "  as RFC 7617 has it");
    bench_end (&bench);
    setenv ("KASK_TEST_TOKEN", "fixed", 1);
    bench = bench_begin (steps, 1, 0, "token = env:KASK_TEST_TOKEN");
    is_int (perform (&bench, get), CONNECTOR_OK, "a token from the environment");
    ok (strstr (http_server_last (bench.server), " Bearer fixed|") != NULL, "  is sent");
    bench_end (&bench);
}

// ---- attachments

static void
attachments_go_up_and_down (void)
{
    static const http_step_t steps[] = {
        {.status = 200, .field = "Content-Type", .value = "application/pdf", .body = "%PDF"}};
    attachment_t plan = {"a \"plan\".pdf", "application/pdf\r\nX-Evil: 1",
                         (const uint8_t *) "%PDF-1", 6};
    static const char up[] = "{\"method\":\"POST\",\"path\":\"/uploads\",\"attachment\":0}";
    uint8_t *bytes = NULL;
    size_t size = 0;
    bench_t bench = bench_begin (steps, 1, 0, "");
    is_int (perform_with (&bench, up, &plan, 1), CONNECTOR_OK, "raw");
    is_text (http_server_last (bench.server), "POST /uploads |application/octet-stream|%PDF-1",
             "  as they are, a media type with a line in it not believed");
    jv down = jv_parse ("{\"method\":\"GET\",\"path\":\"/attachments/7\"}");
    is_int (bench.connector->fetch (bench.connector, down, 100, &bytes, &size, &bench.problem),
            CONNECTOR_OK, "down");
    ok (size == 4 && memcmp (bytes, "%PDF", 4) == 0, "  as they are");
    free (bytes);
    is_int (bench.connector->fetch (bench.connector, down, 3, &bytes, &size, &bench.problem),
            CONNECTOR_REFUSED, "too many are refused");
    jv_free (down);
    bench_end (&bench);
    bench = bench_begin (steps, 1, 0, "attachments = multipart");
    is_int (perform_with (
                &bench,
                "{\"method\":\"POST\",\"path\":\"/u\",\"attachment\":0,\"form\":{\"case\":\"17\"}}",
                &plan, 1),
            CONNECTOR_OK, "in a form");
    ok (strstr (http_server_last (bench.server), "|multipart/form-data; boundary=") != NULL &&
            strstr (http_server_last (bench.server), "name=\"case\"") &&
            strstr (http_server_last (bench.server), "%PDF-1"),
        "  beside its fields");
    bench_end (&bench);
}

// ---- what is no request

static void
paths_stay_on_the_system (void)
{
    static const struct {
        const char *path;
        bool good;
    } paths[] = {
        {"/", true},           {"/a/b", true},       {"/a/", true},      {"/a%2Fb", true},
        {"/%C3%A6", true},     {"", false},          {"a", false},       {"//host/a", false},
        {"http://h/", false},  {"/../a", false},     {"/a/../b", false}, {"/%2e%2E/a", false},
        {"/./a", false},       {"/a?b", false},      {"/a#b", false},    {"/a b", false},
        {"/a\r\nX: 1", false}, {"/a%0d%0a", false},  {"/a%", false},     {"/a%2", false},
        {"/a%zz", false},      {"/\xC3\xA6", false}, {"/a\\b", false},   {"/a@b", true},
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        ok (http_path_is_good (paths[i].path) == paths[i].good,
            paths[i].good ? "a path" : "not a path");
}

static void
bad_requests_send_nothing (void)
{
    static const char *const requests[] = {
        "{\"method\":\"GET\\r\\nX: 1\",\"path\":\"/\"}",
        "{\"method\":\"TRACE\",\"path\":\"/\"}",
        "{\"path\":\"/\"}",
        "{\"method\":\"GET\"}",
        "{\"method\":\"GET\",\"path\":\"http://elsewhere/\"}",
        "{\"method\":\"GET\",\"path\":\"/a\\u0000b\"}",
        "{\"method\":\"GET\",\"path\":\"/\",\"headers\":{\"X-A\":\"1\\r\\nX-B: 2\"}}",
        "{\"method\":\"GET\",\"path\":\"/\",\"headers\":{\"X-A\\r\\nX-B\":\"2\"}}",
        "{\"method\":\"GET\",\"path\":\"/\",\"headers\":{\"X-A\":\"1\\u0000\"}}",
        "{\"method\":\"GET\",\"path\":\"/\",\"headers\":{\"Host\":\"elsewhere\"}}",
        "{\"method\":\"GET\",\"path\":\"/\",\"headers\":{\"authorization\":\"Basic x\"}}",
        "{\"method\":\"GET\",\"path\":\"/\",\"headers\":[]}",
        "{\"method\":\"GET\",\"path\":\"/\",\"query\":{\"a\":{}}}",
        "{\"method\":\"GET\",\"path\":\"/\",\"query\":\"a=b\"}",
        "{\"method\":\"GET\",\"path\":\"/\",\"json\":{}}",
        "{\"method\":\"POST\",\"path\":\"/\",\"json\":{},\"text\":\"x\"}",
        "{\"method\":\"POST\",\"path\":\"/\",\"attachment\":0}",
        "{\"method\":\"POST\",\"path\":\"/\",\"accept\":[\"404\"]}",
        "{\"method\":\"POST\",\"path\":\"/\",\"accept\":404}",
        "{\"method\":\"POST\",\"path\":\"/\",\"follow\":true}",
        "{\"webhook\":true,\"path\":\"/\"}",
        "{\"digest\":0}",
        "[]",
        "null",
    };
    static const http_step_t steps[] = {{.status = 200, .body = "{}"}};
    bench_t bench = bench_begin (steps, 1, 0, "");
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
        is_int (perform (&bench, requests[i]), CONNECTOR_BAD, requests[i]);
    is_int (http_server_requests (bench.server), 0, "nothing was sent");
    bench_end (&bench);
}

static void
wrong_settings_are_named (void)
{
    static const struct {
        const char *text, *field;
    } wrong[] = {
        {"url = ftp://host", "url"},
        {"url = http://", "url"},
        {"url = http://u:p@host", "url"},
        {"url = http://host/", "url"},
        {"attachments = both", "attachments"},
        {"client_id = a", "client_secret"},
        {"token = env:KASK_TEST_NONE", "token"},
        {"token = file:none", "token"},
        {"token = a\nuser = b", "client_id"},
        {"webhook_listen = localhost", "webhook_listen"},
        {"webhook_listen = 127.0.0.1:0", "webhook_secret"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char conf[300], problem_text[SETTINGS_PROBLEM_BYTES] = "";
        problem_t problem = {.scope = PROBLEM_NONE};
        scratch_begin ();
        snprintf (conf, sizeof conf, "[http]\n%s%s\n",
                  strncmp (wrong[i].text, "url", 3) ? "url = http://127.0.0.1:1\n" : "",
                  wrong[i].text);
        scratch_write ("adapter.conf", conf);
        settings_t *settings =
            settings_read (scratch_path ("adapter.conf"), connector_http_settings, problem_text);
        ok (settings && connector_http_new (settings, &problem) == NULL, "a wrong setting");
        is_text (problem.field, wrong[i].field, "  is named");
        if (settings)
            settings_destroy (&settings);
        scratch_end ();
    }
}

// ---- webhooks

static const char hooks[] =
    "webhook_listen = 127.0.0.1:0\nwebhook_secret = shared\nwebhook_file = hook.url\n"
    "webhook_signature = X-CRM-Signature";

// Sends a webhook signed with `secret`; its status.
static long
send_hook (const char *url, const char *body, size_t size, const char *secret)
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    char hex[2 * sizeof mac + 1], line[200];
    long status = 0;
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init (&state, (const unsigned char *) secret, strlen (secret));
    crypto_auth_hmacsha256_update (&state, (const unsigned char *) body, size);
    crypto_auth_hmacsha256_final (&state, mac);
    snprintf (line, sizeof line, "X-CRM-Signature: sha256=%s",
              sodium_bin2hex (hex, sizeof hex, mac, sizeof mac));
    CURL *curl = curl_easy_init ();
    struct curl_slist *fields = curl_slist_append (curl_slist_append (NULL, line), "Expect:");
    curl_easy_setopt (curl, CURLOPT_URL, url);
    curl_easy_setopt (curl, CURLOPT_PROXY, "");
    curl_easy_setopt (curl, CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt (curl, CURLOPT_POSTFIELDSIZE, (long) size);
    curl_easy_setopt (curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt (curl, CURLOPT_WRITEDATA, stderr);
    curl_easy_setopt (curl, CURLOPT_TIMEOUT_MS, 5000L);
    if (curl_easy_perform (curl) == CURLE_OK)
        curl_easy_getinfo (curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all (fields);
    curl_easy_cleanup (curl);
    return status;
}

static bool
is_readable (bench_t *self, int limit_ms)
{
    struct pollfd fd = {.fd = self->connector->fd (self->connector), .events = POLLIN};
    return poll (&fd, 1, limit_ms) == 1;
}

static void
webhooks_are_hints (void)
{
    static const http_step_t steps[] = {{.status = 200, .body = "{}"}};
    static char large[70000];
    char url[200];
    memset (large, 'x', sizeof large);
    bench_t bench = bench_begin (steps, 1, 0, hooks);
    snprintf (url, sizeof url, "%s", scratch_read ("hook.url"));
    url[strcspn (url, "\n")] = '\0';
    ok (strncmp (url, "http://127.0.0.1:", 17) == 0 && !strstr (url, ":0/"),
        "the address is written to a file");
    ok (!is_readable (&bench, 0), "nothing has come");
    is_int (send_hook (url, "{\"case_id\":7}", 13, "shared"), 204, "a webhook is taken");
    is_int (send_hook (url, "{\"case_id\":7}", 13, "shared"), 204, "  twice as well");
    ok (is_readable (&bench, 5000), "the descriptor tells");
    is_int (send_hook (url, "{\"case_id\":8}", 13, "other"), 401, "a wrong signature is not taken");
    is_int (send_hook (url, large, sizeof large, "shared"), 413, "nor too large a body");
    is_int (send_hook (url, "no JSON", 7, "shared"), 204, "what is not JSON is taken and left out");
    jv hints = bench.connector->hints (bench.connector);
    jv dump = jv_dump_string (hints, 0);
    is_text (jv_string_value (dump), "[{\"case_id\":7},{\"case_id\":7}]", "the hints");
    jv_free (dump);
    ok (!is_readable (&bench, 0), "then nothing is left");
    bench_end (&bench);
}

static void
too_many_webhooks_are_dropped (void)
{
    static const http_step_t steps[] = {{.status = 200, .body = "{}"}};
    char url[200];
    long worst = 204;
    bench_t bench = bench_begin (steps, 1, 0, hooks);
    snprintf (url, sizeof url, "%s", scratch_read ("hook.url"));
    url[strcspn (url, "\n")] = '\0';
    for (int i = 0; i < 1010; i++) {
        long status = send_hook (url, "{}", 2, "shared");
        worst = status != 204 ? status : worst;
    }
    is_int (worst, 204, "1010 webhooks are taken");
    is_int (jv_array_length (bench.connector->hints (bench.connector)), 1000, "  and 1000 kept");
    bench_end (&bench);
}

static void
the_address_and_secret_can_be_registered (void)
{
    static const http_step_t steps[] = {{.status = 200, .body = "{}"}};
    bench_t bench = bench_begin (steps, 1, 0, "");
    is_int (perform (&bench, "{\"webhook\":true}"), CONNECTOR_OK, "without webhooks");
    is_text (member (&bench, "url"), "null", "  there is no address");
    bench_end (&bench);
    bench = bench_begin (steps, 1, 0, hooks);
    is_int (perform (&bench, "{\"webhook\":true}"), CONNECTOR_OK, "with webhooks");
    ok (strncmp (member (&bench, "url"), "\"http://127.0.0.1:", 18) == 0, "  there is one");
    is_text (member (&bench, "secret"), "\"$webhook_secret\"", "  and a word for the secret");
    is_int (
        perform (
            &bench,
            "{\"method\":\"PUT\",\"path\":\"/webhook\",\"json\":{\"secret\":\"$webhook_secret\"}}"),
        CONNECTOR_OK, "it is registered");
    ok (strstr (http_server_last (bench.server), "{\"secret\":\"shared\"}") != NULL,
        "  with the true secret");
    bench_end (&bench);
}

int
main (void)
{
    log_set_level (LOG_LEVEL_ERROR);
    a_request_goes_out_as_it_says ();
    statuses_mean_what_the_contract_says ();
    a_refusal_brings_what_the_system_said ();
    text_and_broken_json_are_told_apart ();
    redirects_are_not_followed ();
    too_large_an_answer_is_not_read ();
    what_was_not_carried_out_is_tried_again ();
    a_retry_after_that_is_too_long_is_put_off ();
    what_may_have_been_carried_out_is_not_sent_again ();
    a_connection_used_again_does_not_send_twice ();
    a_system_that_hangs_or_is_away_costs_bounded_time ();
    waits_grow_and_end ();
    a_token_is_fetched_kept_and_renewed ();
    a_secret_that_is_not_taken_is_put_off ();
    two_refusals_of_a_token_are_put_off ();
    other_ways_to_sign_in ();
    attachments_go_up_and_down ();
    paths_stay_on_the_system ();
    bad_requests_send_nothing ();
    wrong_settings_are_named ();
    webhooks_are_hints ();
    too_many_webhooks_are_dropped ();
    the_address_and_secret_can_be_registered ();
    return tap_end ();
}
