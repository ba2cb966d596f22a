/*
 * t_http - the http connector: requests and what their answers mean, attachments, settings.
 */
#include "connectors/http_request.h"
#include "http_bench.h"
#include "log.h"

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
    ok (strncmp (http_server_last (bench_server), "POST /a%20b?", 12) == 0,
        "the path went as it was");
    ok (strstr (http_server_last (bench_server), "q=%C3%A6%20%26%3D") != NULL,
        "  the query encoded");
    ok (strstr (http_server_last (bench_server), "no=") == NULL, "  without what is null");
    ok (strstr (http_server_last (bench_server), "|application/json|{\"b\":\"\u00f8\"}") != NULL,
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
    is_int (http_server_requests (bench_server), 1, "  not followed");
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
    is_int (http_server_requests (bench_server), 1, "  once only");
    bench_end (&bench);
}

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
    is_text (http_server_last (bench_server), "POST /uploads |application/octet-stream|%PDF-1",
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
    ok (strstr (http_server_last (bench_server), "|multipart/form-data; boundary=") != NULL &&
            strstr (http_server_last (bench_server), "name=\"case\"") &&
            strstr (http_server_last (bench_server), "%PDF-1"),
        "  beside its fields");
    bench_end (&bench);
}

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
    is_int (http_server_requests (bench_server), 0, "nothing was sent");
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
    attachments_go_up_and_down ();
    paths_stay_on_the_system ();
    bad_requests_send_nothing ();
    wrong_settings_are_named ();
    return tap_end ();
}
