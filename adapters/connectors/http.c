/*
 * http - the connector to a system with a REST interface.
 *
 * A request goes out until it is answered for good or its time is over: a token that
 * has ended is fetched anew once, what was certainly not carried out is sent again.  What may have
 * been, and is not the same twice, goes back to the dialogue, which begins by looking it up.
 */
#include "connector.h"
#include "connectors/http_client.h"
#include "connectors/http_listen.h"
#include "connectors/http_token.h"
#include "connectors/request.h"
#include "formats/format.h"
#include "formats/text.h"
#include "log.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const setting_t connector_http_settings[] = {
    {"http", "url", SETTING_TEXT, "",
     "the system's address: http:// or https://, host, port, perhaps a path"},
    {"http", "client_id", SETTING_TEXT, "",
     "OAuth client credentials: the client; secrets best as env:NAME or file:PATH"},
    {"http", "client_secret", SETTING_TEXT, "", "its secret"},
    {"http", "user", SETTING_TEXT, "", "or a user of the system (Basic)"},
    {"http", "password", SETTING_TEXT, "", "the user's password"},
    {"http", "token", SETTING_TEXT, "", "or a token that does not end (Bearer)"},
    {"http", "secrets", SETTING_PATH, ".", "the folder that file:PATH begins at"},
    {"http", "token_path", SETTING_TEXT, "/oauth/token", "where OAuth tokens are had, beneath url"},
    {"http", "scope", SETTING_TEXT, "", "the scope to ask for, if any"},
    {"http", "timeout", SETTING_DURATION, "30 s", "for one request and its answer"},
    {"http", "connect_timeout", SETTING_DURATION, "10 s", "for a connection"},
    {"http", "try_for", SETTING_DURATION, "30 s",
     "how long a request is tried again before the message is put off"},
    {"http", "max_response", SETTING_BYTES, "8 MiB", "largest answer that is read"},
    {"http", "attachments", SETTING_TEXT, "raw", "how attachments go up: raw or multipart"},
    {"http", "ca_file", SETTING_PATH, "", "certificates that the system's is checked against"},
    {"http", "proxy", SETTING_TEXT, "", "the proxy on the way, if there is one"},
    {"http", "webhook_listen", SETTING_TEXT, "",
     "address and port to take webhooks at, as 127.0.0.1:8099; port 0 is any that is free"},
    {"http", "webhook_path", SETTING_TEXT, "/webhook", "path of the webhooks"},
    {"http", "webhook_url", SETTING_TEXT, "",
     "the address that the system shall use, if it is another"},
    {"http", "webhook_file", SETTING_PATH, "", "a file that this address is written to"},
    {"http", "webhook_secret", SETTING_TEXT, "",
     "what webhooks are signed with; best as env:NAME or file:PATH"},
    {"http", "webhook_signature", SETTING_TEXT, "X-Signature",
     "the header field with the body's HMAC-SHA256 in hex"},
    {"http", "webhook_prefix", SETTING_TEXT, "sha256=", "what stands before the hex digits"},
    {NULL, NULL, SETTING_TEXT, NULL, NULL},
};

typedef struct {
    connector_t base;        // first: what the desk holds
    http_client_t *client;   // owned
    http_token_t *token;     // owned
    http_listen_t *listener; // owned; NULL: none
    const char *url;         // the settings'
    int64_t try_for_ms;
    size_t most_bytes;
    bool multipart;
} http_t;

static http_t *
http_of (connector_t *base)
{
    return (http_t *) base;
}

static int64_t
now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// ---- sending

// One exchange, and a second one with a new token where the first has ended.
static connector_result_t
exchange (http_t *self, const http_request_t *request, size_t most, http_answer_t *answer,
          problem_t *problem)
{
    for (bool again = true;; again = false) {
        const char *authorization;
        connector_result_t result =
            http_token_get (self->token, self->client, now_ms (), &authorization, problem);
        if (result != CONNECTOR_OK)
            return result;
        http_client_exchange (self->client, request, authorization, most, answer);
        bool is_refused = answer->end == HTTP_ANSWERED && answer->status == 401;
        if (!is_refused || !again || !http_token_drop (self->token))
            return CONNECTOR_OK;
        http_answer_clear (answer);
    }
}

// OK: *answer is the last one, to be cleared.
static connector_result_t
send_until (http_t *self, const http_request_t *request, size_t most, http_answer_t *answer,
            problem_t *problem)
{
    int64_t until_ms = now_ms () + self->try_for_ms;
    for (unsigned tries = 1;; tries++) {
        connector_result_t result = exchange (self, request, most, answer, problem);
        if (result != CONNECTOR_OK || answer->is_too_large ||
            (answer->end == HTTP_ANSWERED && http_request_accepts (request, answer->status)))
            return result;
        int64_t wait_ms = http_retry_wait_ms (answer->end, answer->status, request->is_safe_twice,
                                              tries, answer->retry_after_ms, until_ms - now_ms ());
        if (wait_ms < 0)
            return CONNECTOR_OK;
        http_answer_clear (answer);
        poll (NULL, 0, (int) wait_ms);
    }
}

// ---- what came back

static bool
is_json (const http_answer_t *answer)
{
    const char *type = http_answer_field (answer, "content-type");
    size_t size = strcspn (type, "; ");
    return (size == 16 && strncasecmp (type, "application/json", 16) == 0) ||
           (size > 5 && strncasecmp (type + size - 5, "+json", 5) == 0);
}

static jv
text_of (const format_buffer_t *body)
{
    format_buffer_t text = {0};
    format_buffer_puts (&text, "");
    jv value = text_decode ("auto", body->bytes, body->size, &text, NULL)
                   ? jv_string_sized (text.bytes, (int) text.size)
                   : jv_null ();
    format_buffer_clear (&text);
    return value;
}

// False: it says that it is JSON, and is not.
static bool
make_response (const http_answer_t *answer, jv *response, problem_t *problem)
{
    bool json = is_json (answer) && answer->body.size > 0;
    jv value = json ? format_json_parse (answer->body.bytes, answer->body.size, problem)
                    : text_of (&answer->body);
    if (!jv_is_valid (value)) {
        jv_free (value);
        return false;
    }
    *response =
        jv_object_set (jv_object (), jv_string ("status"), jv_number ((double) answer->status));
    *response = jv_object_set (*response, jv_string ("headers"), jv_copy (answer->headers));
    *response = jv_object_set (*response, jv_string (json ? "json" : "text"), value);
    return true;
}

static void
place (const http_t *self, const http_request_t *request, problem_t *problem)
{
    char target[240];
    snprintf (target, sizeof target, "%s %.200s", request->method, request->target.bytes);
    problem_at (problem, self->url, 0, target);
}

static connector_result_t
no_answer (const http_t *self, const http_request_t *request, const http_answer_t *answer,
           problem_t *problem)
{
    if (answer->is_too_large)
        problem_set (problem, PROBLEM_FILE, "",
                     "ask for less at a time, or raise [http] max_response",
                     "the answer is too large, and was not read");
    else if (answer->end == HTTP_UNREACHED)
        problem_set (problem, PROBLEM_FILE, "",
                     "see whether the system runs; it is tried again by itself",
                     "not reached (%s): nothing was sent", answer->error);
    else
        problem_set (problem, PROBLEM_FILE, "",
                     "nothing: it is looked up and tried again by itself",
                     "no answer (%s): whether it was carried out is not known", answer->error);
    place (self, request, problem);
    return answer->is_too_large ? CONNECTOR_REFUSED : CONNECTOR_LATER;
}

static connector_result_t
not_now (const http_t *self, const http_request_t *request, const http_answer_t *answer,
         problem_t *problem)
{
    char quoted[PROBLEM_QUOTE];
    if (answer->status == 401)
        problem_set (problem, PROBLEM_FILE, "",
                     "see that our name and secret are right and still valid there; it is "
                     "tried again by itself",
                     "the system does not take our sign-in (401)");
    else if (answer->status < 400)
        problem_set (problem, PROBLEM_FILE, "", "correct [http] url; redirects are not followed",
                     "the system sends us elsewhere (%ld, to %s)", answer->status,
                     problem_quote (http_answer_field (answer, "location"), quoted));
    else
        problem_set (problem, PROBLEM_FILE, "", "nothing: it is tried again by itself",
                     "the system cannot do it now (%ld)", answer->status);
    place (self, request, problem);
    return CONNECTOR_LATER;
}

// What the system says stays with the response: it may hold a client's data.
static connector_result_t
refused (const http_t *self, const http_request_t *request, const http_answer_t *answer,
         problem_t *problem)
{
    problem_set (
        problem, PROBLEM_RECORD, "",
        "see what the system says; correct the data, or let the dialogue accept this status",
        "the system refuses it (%ld)", answer->status);
    place (self, request, problem);
    return CONNECTOR_REFUSED;
}

// What an answer means; OK where it is one that the request accepts.
static connector_result_t
judge (const http_t *self, const http_request_t *request, const http_answer_t *answer,
       problem_t *problem)
{
    if (answer->end != HTTP_ANSWERED)
        return no_answer (self, request, answer, problem);
    if (http_request_accepts (request, answer->status))
        return CONNECTOR_OK;
    bool is_ours = answer->status < 400 || answer->status == 401;
    if (is_ours || http_retry_may_pass (answer->end, answer->status))
        return not_now (self, request, answer, problem);
    return refused (self, request, answer, problem);
}

static connector_result_t
conclude (const http_t *self, const http_request_t *request, const http_answer_t *answer,
          jv *response, problem_t *problem)
{
    problem_t parsing = {.scope = PROBLEM_NONE};
    connector_result_t result = judge (self, request, answer, problem);
    if (result == CONNECTOR_LATER || answer->end != HTTP_ANSWERED)
        return result;
    if (make_response (answer, response, &parsing) || result == CONNECTOR_REFUSED)
        return result;
    problem_set (problem, PROBLEM_FILE, "",
                 "see what answers at this address; it is tried again by itself",
                 "the answer (%ld) calls itself JSON and is not: line %zu: %s", answer->status,
                 parsing.line, parsing.what);
    place (self, request, problem);
    return CONNECTOR_LATER;
}

// ---- the connector

static connector_result_t
webhook_address (const http_t *self, jv request, jv *response, problem_t *problem)
{
    static const char *const members[] = {"webhook", NULL};
    if (!request_has_only (request, members, problem))
        return CONNECTOR_BAD;
    jv url = self->listener ? jv_string (http_listen_url (self->listener)) : jv_null ();
    jv secret = self->listener ? jv_string ("$webhook_secret") : jv_null ();
    *response = jv_object_set (jv_object (), jv_string ("url"), url);
    *response = jv_object_set (*response, jv_string ("secret"), secret);
    return CONNECTOR_OK;
}

static connector_result_t
perform_exchange (http_t *self, jv request, const attachment_t *attachments, size_t n_attachments,
                  jv *response, problem_t *problem)
{
    http_request_t wire;
    http_answer_t answer = {.headers = jv_null ()};
    const char *secret = self->listener ? http_listen_secret (self->listener) : NULL;
    connector_result_t result = http_request_read (&wire, request, attachments, n_attachments,
                                                   self->multipart, secret, problem);
    if (result != CONNECTOR_OK)
        return result;
    result = send_until (self, &wire, self->most_bytes, &answer, problem);
    if (result == CONNECTOR_OK)
        result = conclude (self, &wire, &answer, response, problem);
    http_answer_clear (&answer);
    http_request_clear (&wire);
    return result;
}

static connector_result_t
http_perform (connector_t *base, jv request, const attachment_t *attachments, size_t n_attachments,
              jv *response, problem_t *problem)
{
    http_t *self = http_of (base);
    *response = jv_invalid ();
    if (request_is_digest (request))
        return request_digest (request, attachments, n_attachments, response, problem);
    if (jv_get_kind (request) == JV_KIND_OBJECT &&
        jv_object_has (jv_copy (request), jv_string ("webhook")))
        return webhook_address (self, request, response, problem);
    return perform_exchange (self, request, attachments, n_attachments, response, problem);
}

// The answer's bytes change hands.
static void
take_bytes (http_answer_t *answer, uint8_t **bytes_p, size_t *size_p)
{
    *bytes_p = (uint8_t *) answer->body.bytes;
    *size_p = answer->body.size;
    answer->body = (format_buffer_t){0};
}

static connector_result_t
http_fetch (connector_t *base, jv request, size_t most, uint8_t **bytes_p, size_t *size_p,
            problem_t *problem)
{
    http_t *self = http_of (base);
    http_request_t wire;
    http_answer_t answer = {.headers = jv_null ()};
    connector_result_t result = http_request_read (&wire, request, NULL, 0, false, NULL, problem);
    if (result != CONNECTOR_OK)
        return result;
    result = send_until (self, &wire, most, &answer, problem);
    if (result == CONNECTOR_OK)
        result = judge (self, &wire, &answer, problem);
    if (result == CONNECTOR_OK)
        take_bytes (&answer, bytes_p, size_p);
    http_answer_clear (&answer);
    http_request_clear (&wire);
    return result;
}

static jv
http_hints (connector_t *base)
{
    http_t *self = http_of (base);
    return self->listener ? http_listen_take (self->listener) : jv_array ();
}

static int
http_fd (connector_t *base)
{
    http_t *self = http_of (base);
    return self->listener ? http_listen_fd (self->listener) : -1;
}

static void
http_destroy (connector_t **self_p)
{
    if (!*self_p)
        return;
    http_t *self = http_of (*self_p);
    *self_p = NULL;
    http_listen_destroy (&self->listener);
    http_token_destroy (&self->token);
    http_client_destroy (&self->client);
    free (self);
}

// ---- setup

static bool
setup_fails (problem_t *problem, const char *key, const char *todo, const char *what)
{
    problem_set (problem, PROBLEM_SETUP, key, todo, "%s", what);
    problem_at (problem, "[http]", 0, NULL);
    return false;
}

// Host of the address, without a user before it.
static bool
url_is_good (const char *url)
{
    size_t scheme = strncmp (url, "http://", 7) == 0    ? 7
                    : strncmp (url, "https://", 8) == 0 ? 8
                                                        : 0;
    const char *path = url + scheme + strcspn (url + scheme, "/");
    if (!scheme || path == url + scheme || strpbrk (url, "@?# \\") || !http_value_is_good (url))
        return false;
    return !*path || (http_path_is_good (path) && path[strlen (path) - 1] != '/');
}

static bool
is_on_this_machine (const char *url)
{
    static const char *const hosts[] = {"http://127.", "http://localhost:", "http://localhost/",
                                        "http://[::1]"};
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
        if (strncmp (url, hosts[i], strlen (hosts[i])) == 0)
            return true;
    return strcmp (url, "http://localhost") == 0;
}

static bool
setup_client (http_t *self, const settings_t *settings, problem_t *problem)
{
    const char *how = settings_text (settings, "http", "attachments");
    self->url = settings_text (settings, "http", "url");
    self->try_for_ms = settings_number (settings, "http", "try_for");
    self->most_bytes = (size_t) settings_number (settings, "http", "max_response");
    self->multipart = strcmp (how, "multipart") == 0;
    if (!url_is_good (self->url))
        return setup_fails (
            problem, "url",
            "write it as https://host:port/path, without / at the end, user or query",
            "is not an address");
    if (!self->multipart && strcmp (how, "raw") != 0)
        return setup_fails (problem, "attachments", "use raw or multipart",
                            "is not a way to send attachments");
    if (strncmp (self->url, "http://", 7) == 0 && !is_on_this_machine (self->url))
        log_warning ("http: what is sent can be read on its way url=%s; use https", self->url);
    self->client = http_client_new (&(http_client_setup_t){
        .url = self->url,
        .ca_file = settings_text (settings, "http", "ca_file"),
        .proxy = settings_text (settings, "http", "proxy"),
        .timeout_ms = settings_number (settings, "http", "timeout"),
        .connect_ms = settings_number (settings, "http", "connect_timeout"),
    });
    return true;
}

static bool
setup (http_t *self, const settings_t *settings, problem_t *problem)
{
    if (!setup_client (self, settings, problem))
        return false;
    self->token = http_token_new (settings, problem);
    if (!self->token)
        return false;
    if (!*settings_text (settings, "http", "webhook_listen"))
        return true;
    self->listener = http_listen_new (settings, problem);
    return self->listener != NULL;
}

connector_t *
connector_http_new (const settings_t *settings, problem_t *problem)
{
    http_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->base = (connector_t){.perform = http_perform,
                               .fetch = http_fetch,
                               .hints = http_hints,
                               .fd = http_fd,
                               .destroy = http_destroy};
    connector_t *base = &self->base;
    if (!setup (self, settings, problem))
        http_destroy (&base);
    return base;
}
