/*
 * http_token - how we show the system who we are.
 */
#include "connectors/http_token.h"

#include "connectors/secret.h"
#include "formats/format.h"
#include "formats/options.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_ANSWER_BYTES = 64 * 1024, UNKNOWN_LIFE_S = 300 };

struct http_token_s {
    const char *path;  // where tokens are had, beneath url; the settings'
    const char *scope; // the settings'
    char *client;      // of OAuth; owned, NULL: it is not used
    char *secret;      // owned
    char *value;       // of Authorization; owned, NULL: none
    int64_t until_ms;  // to be renewed from then on
};

static void *
fails (problem_t *problem, const char *key, const char *todo, const char *what)
{
    problem_set (problem, PROBLEM_SETUP, key, todo, "%s", what);
    problem_at (problem, "[http]", 0, NULL);
    return NULL;
}

// ---- setup

static char *
joined (const char *first, const char *second)
{
    char *value;
    if (asprintf (&value, "%s%s", first, second) < 0)
        abort ();
    return value;
}

static char *
basic_value (const char *user, const char *password)
{
    char *both;
    if (asprintf (&both, "%s:%s", user, password) < 0)
        abort ();
    size_t room = sodium_base64_ENCODED_LEN (strlen (both), sodium_base64_VARIANT_ORIGINAL);
    char *text = malloc (room);
    if (!text)
        abort ();
    sodium_bin2base64 (text, room, (const unsigned char *) both, strlen (both),
                       sodium_base64_VARIANT_ORIGINAL);
    char *value = joined ("Basic ", text);
    secret_free (&text);
    secret_free (&both);
    return value;
}

static bool
has (const settings_t *settings, const char *name)
{
    return *settings_text (settings, "http", name) != '\0';
}

// A setting's value, owned, that may go into a header field.  NULL: the problem.
static char *
require (const settings_t *settings, const char *name, problem_t *problem)
{
    char *value = secret_read (settings, name, problem);
    if (value && *value && http_value_is_good (value))
        return value;
    if (value)
        fails (problem, name, "give it as env:NAME or file:PATH",
               "is missing, or holds control characters");
    secret_free (&value);
    return NULL;
}

static bool
setup_client (http_token_t *self, const settings_t *settings, problem_t *problem)
{
    self->path = settings_text (settings, "http", "token_path");
    self->scope = settings_text (settings, "http", "scope");
    if (!http_path_is_good (self->path))
        return fails (problem, "token_path", "give a path such as /oauth/token", "is not a path");
    self->client = require (settings, "client_id", problem);
    self->secret = self->client ? require (settings, "client_secret", problem) : NULL;
    return self->secret != NULL;
}

static bool
setup_user (http_token_t *self, const settings_t *settings, problem_t *problem)
{
    char *user = require (settings, "user", problem);
    char *password = user ? require (settings, "password", problem) : NULL;
    if (password)
        self->value = basic_value (user, password);
    secret_free (&user);
    secret_free (&password);
    return self->value != NULL;
}

static bool
setup_token (http_token_t *self, const settings_t *settings, problem_t *problem)
{
    char *token = require (settings, "token", problem);
    if (token)
        self->value = joined ("Bearer ", token);
    secret_free (&token);
    return self->value != NULL;
}

static bool
setup (http_token_t *self, const settings_t *settings, problem_t *problem)
{
    bool client = has (settings, "client_id") || has (settings, "client_secret");
    bool user = has (settings, "user") || has (settings, "password");
    bool token = has (settings, "token");
    if (client + user + token > 1)
        return fails (problem, "client_id", "keep client_id, or user, or token",
                      "more than one way to sign in is given");
    if (client)
        return setup_client (self, settings, problem);
    if (user)
        return setup_user (self, settings, problem);
    return !token || setup_token (self, settings, problem);
}

http_token_t *
http_token_new (const settings_t *settings, problem_t *problem)
{
    http_token_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    if (!setup (self, settings, problem))
        http_token_destroy (&self);
    return self;
}

void
http_token_destroy (http_token_t **self_p)
{
    http_token_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    secret_free (&self->client);
    secret_free (&self->secret);
    secret_free (&self->value);
    free (self);
}

// ---- fetching

static void
put_field (format_buffer_t *out, const char *name, const char *value)
{
    format_buffer_puts (out, out->size ? "&" : "");
    format_buffer_puts (out, name);
    format_buffer_puts (out, "=");
    http_put_encoded (out, value, strlen (value));
}

static void
ask (const http_token_t *self, http_client_t *client, http_answer_t *answer)
{
    http_request_t request = {
        .method = "POST", .body = HTTP_BYTES, .content_type = "application/x-www-form-urlencoded"};
    format_buffer_puts (&request.target, self->path);
    put_field (&request.own, "grant_type", "client_credentials");
    put_field (&request.own, "client_id", self->client);
    put_field (&request.own, "client_secret", self->secret);
    if (*self->scope)
        put_field (&request.own, "scope", self->scope);
    request.bytes = request.own.bytes;
    request.size = request.own.size;
    http_client_exchange (client, &request, NULL, TOKEN_ANSWER_BYTES, answer);
    sodium_memzero (request.own.bytes, request.own.size);
    http_request_clear (&request);
}

// False: it is not an answer with a token.
static bool
take_token (http_token_t *self, const http_answer_t *answer, int64_t now_ms)
{
    jv body = format_json_parse (answer->body.bytes, answer->body.size, NULL);
    const char *token = options_text (body, "access_token", "");
    int64_t life_s = (int64_t) options_count (body, "expires_in", UNKNOWN_LIFE_S);
    bool good = *token && strlen (token) < SECRET_BYTES && http_value_is_good (token);
    if (good) {
        secret_free (&self->value);
        self->value = joined ("Bearer ", token);
        // a little early, so that it does not end on its way
        self->until_ms = now_ms + (life_s > 60 ? life_s - 30 : life_s / 2) * 1000;
    }
    jv_free (body);
    return good;
}

static connector_result_t
renew (http_token_t *self, http_client_t *client, int64_t now_ms, problem_t *problem)
{
    http_answer_t answer;
    ask (self, client, &answer);
    bool good =
        answer.end == HTTP_ANSWERED && answer.status == 200 && take_token (self, &answer, now_ms);
    if (!good && answer.end != HTTP_ANSWERED)
        problem_set (problem, PROBLEM_FILE, "token",
                     "see whether the system runs; it is tried again by itself",
                     "no token could be fetched: %s; nothing was sent", answer.error);
    else if (!good)
        problem_set (
            problem, PROBLEM_FILE, "token",
            "see that client_id and client_secret are right and still valid there; it is tried "
            "again by itself",
            "no token could be fetched: the system answered %ld; nothing was sent", answer.status);
    problem_at (problem, NULL, 0, self->path);
    http_answer_clear (&answer);
    return good ? CONNECTOR_OK : CONNECTOR_LATER;
}

connector_result_t
http_token_get (http_token_t *self, http_client_t *client, int64_t now_ms, const char **value_p,
                problem_t *problem)
{
    connector_result_t result = CONNECTOR_OK;
    if (self->client && (!self->value || now_ms >= self->until_ms))
        result = renew (self, client, now_ms, problem);
    *value_p = self->value;
    return result;
}

bool
http_token_drop (http_token_t *self)
{
    if (!self->client)
        return false;
    secret_free (&self->value);
    return true;
}
