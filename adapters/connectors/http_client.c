/*
 * http_client - one exchange over HTTP, on libcurl.
 */
#include "connectors/http_client.h"

#include "formats/options.h"
#include "formats/text.h"

#include <assert.h>
#include <ctype.h>
#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_BYTES = 32 * 1024, HEADER_FIELDS = 100, LONGEST_WAIT_S = 3600 };

struct http_client_s {
    CURL *curl;                  // owned
    char *url, *ca_file, *proxy; // owned
    long timeout_ms, connect_ms;
};

// One exchange under way.
typedef struct {
    http_answer_t *answer;
    size_t most;
    size_t header_bytes;
    int n_fields;
} exchange_t;

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
init_curl (void)
{
    if (curl_global_init (CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort ();
    signal (SIGPIPE, SIG_IGN); // with CURLOPT_NOSIGNAL a TLS connection that closes would end us
}

static char *
copy_of (const char *text)
{
    char *copy = strdup (text);
    if (!copy)
        abort ();
    return copy;
}

http_client_t *
http_client_new (const http_client_setup_t *setup)
{
    pthread_once (&once, init_curl);
    http_client_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->curl = curl_easy_init ();
    if (!self->curl)
        abort ();
    self->url = copy_of (setup->url);
    self->ca_file = copy_of (setup->ca_file);
    self->proxy = copy_of (setup->proxy);
    self->timeout_ms = (long) setup->timeout_ms;
    self->connect_ms = (long) setup->connect_ms;
    return self;
}

void
http_client_destroy (http_client_t **self_p)
{
    http_client_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    curl_easy_cleanup (self->curl);
    free (self->url);
    free (self->ca_file);
    free (self->proxy);
    free (self);
}

// ---- what comes back

static size_t
on_body (char *bytes, size_t one, size_t size, void *arg)
{
    exchange_t *self = arg;
    (void) one;
    if (size > self->most - self->answer->body.size) {
        self->answer->is_too_large = true;
        return 0;
    }
    format_buffer_put (&self->answer->body, bytes, size);
    return size;
}

static void
add_field (exchange_t *self, const char *name, size_t n_name, const char *value, size_t n_value)
{
    char lower[64];
    if (n_name == 0 || n_name >= sizeof lower || self->n_fields >= HEADER_FIELDS ||
        !text_is_utf8 (value, n_value))
        return;
    for (size_t i = 0; i < n_name; i++)
        lower[i] = (char) tolower ((unsigned char) name[i]);
    jv key = jv_string_sized (lower, (int) n_name);
    jv before = jv_object_get (jv_copy (self->answer->headers), jv_copy (key));
    jv text = jv_string_sized (value, (int) n_value);
    if (jv_get_kind (before) == JV_KIND_STRING)
        text = jv_string_concat (jv_string_concat (before, jv_string (", ")), text);
    else
        jv_free (before);
    self->answer->headers = jv_object_set (self->answer->headers, key, text);
    self->n_fields++;
}

static size_t
on_header (char *bytes, size_t one, size_t size, void *arg)
{
    exchange_t *self = arg;
    (void) one;
    self->header_bytes += size;
    if (self->header_bytes > HEADER_BYTES) {
        self->answer->is_too_large = true;
        return 0;
    }
    const char *colon = memchr (bytes, ':', size);
    if (!colon)
        return size;
    const char *value = colon + 1, *end = bytes + size;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && (unsigned char) end[-1] <= ' ')
        end--;
    add_field (self, bytes, (size_t) (colon - bytes), value, (size_t) (end - value));
    return size;
}

// ---- what goes out

static void
set (CURLcode code)
{
    assert (code == CURLE_OK); // options that this libcurl has, values of the right type
    (void) code;
}

static struct curl_slist *
append (struct curl_slist *list, const char *line)
{
    list = curl_slist_append (list, line);
    if (!list)
        abort ();
    return list;
}

static struct curl_slist *
fields_of (const http_request_t *request, const char *authorization)
{
    struct curl_slist *list = append (NULL, "Expect:");
    char *line = NULL;
    for (size_t i = 0; i < request->n_fields; i++)
        list = append (list, request->fields[i]);
    if (request->body == HTTP_BYTES && request->content_type) {
        if (asprintf (&line, "Content-Type: %s", request->content_type) < 0)
            abort ();
        list = append (list, line);
        free (line);
    }
    if (authorization) {
        if (asprintf (&line, "Authorization: %s", authorization) < 0)
            abort ();
        list = append (list, line);
        free (line);
    }
    return list;
}

static curl_mime *
parts_of (CURL *curl, const http_request_t *request)
{
    curl_mime *mime = curl_mime_init (curl);
    for (size_t i = 0; i < request->n_parts; i++) {
        curl_mimepart *part = curl_mime_addpart (mime);
        set (curl_mime_name (part, request->parts[i].name));
        set (curl_mime_data (part, request->parts[i].value, CURL_ZERO_TERMINATED));
    }
    curl_mimepart *file = curl_mime_addpart (mime);
    set (curl_mime_name (file, "file"));
    set (curl_mime_filename (file, request->attachment->name));
    set (curl_mime_type (file, request->content_type ? request->content_type
                                                     : "application/octet-stream"));
    set (curl_mime_data (file, (const char *) request->attachment->bytes,
                         request->attachment->size));
    return mime;
}

static void
set_limits (const http_client_t *self)
{
    CURL *curl = self->curl;
    set (curl_easy_setopt (curl, CURLOPT_NOSIGNAL, 1L));
    set (curl_easy_setopt (curl, CURLOPT_PROTOCOLS_STR, "http,https"));
    set (curl_easy_setopt (curl, CURLOPT_FOLLOWLOCATION, 0L));
    set (curl_easy_setopt (curl, CURLOPT_PATH_AS_IS, 1L));
    set (curl_easy_setopt (curl, CURLOPT_TIMEOUT_MS, self->timeout_ms));
    set (curl_easy_setopt (curl, CURLOPT_CONNECTTIMEOUT_MS, self->connect_ms));
    set (curl_easy_setopt (curl, CURLOPT_PROXY, self->proxy));
    set (curl_easy_setopt (curl, CURLOPT_USERAGENT, "kask-adapter"));
    if (*self->ca_file)
        set (curl_easy_setopt (curl, CURLOPT_CAINFO, self->ca_file));
}

static void
set_request (const http_client_t *self, const http_request_t *request, curl_mime *mime)
{
    CURL *curl = self->curl;
    char *url;
    if (asprintf (&url, "%s%s", self->url, request->target.bytes) < 0)
        abort ();
    set (curl_easy_setopt (curl, CURLOPT_URL, url)); // copied
    free (url);
    if (strcmp (request->method, "HEAD") == 0)
        set (curl_easy_setopt (curl, CURLOPT_NOBODY, 1L));
    if (mime)
        set (curl_easy_setopt (curl, CURLOPT_MIMEPOST, mime));
    else if (request->body == HTTP_BYTES || strcmp (request->method, "POST") == 0) {
        set (curl_easy_setopt (curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) request->size));
        set (curl_easy_setopt (curl, CURLOPT_POSTFIELDS, request->size ? request->bytes : ""));
    }
    set (curl_easy_setopt (curl, CURLOPT_CUSTOMREQUEST, request->method));
    // On a connection that it uses again curl itself sends a request a second time where the other
    // side closes without an answer, although that may have been carried out.
    if (!request->is_safe_twice)
        set (curl_easy_setopt (curl, CURLOPT_FRESH_CONNECT, 1L));
}

// ---- the exchange

static http_end_t
end_of (CURLcode code, long status)
{
    switch (code) {
    case CURLE_OK: return status ? HTTP_ANSWERED : HTTP_UNKNOWN;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION: return HTTP_UNREACHED;
    default: return HTTP_UNKNOWN;
    }
}

// Seconds, or a date.
static int64_t
retry_after_ms (const http_answer_t *answer)
{
    const char *text = http_answer_field (answer, "retry-after");
    if (!*text)
        return -1;
    time_t at = curl_getdate (text, NULL);
    int64_t wait_s = isdigit ((unsigned char) *text) && strlen (text) < 8 ? strtol (text, NULL, 10)
                     : at > 0 ? (int64_t) (at - time (NULL))
                              : -1;
    if (wait_s < 0)
        return -1;
    return (wait_s < LONGEST_WAIT_S ? wait_s : LONGEST_WAIT_S) * 1000;
}

static void
conclude (CURL *curl, CURLcode code, const char *error, http_answer_t *answer)
{
    set (curl_easy_getinfo (curl, CURLINFO_RESPONSE_CODE, &answer->status));
    answer->end = end_of (code, answer->status);
    if (answer->end != HTTP_ANSWERED)
        snprintf (answer->error, sizeof answer->error, "%s",
                  answer->is_too_large ? "the answer is too large"
                  : *error             ? error
                                       : curl_easy_strerror (code));
    answer->retry_after_ms = retry_after_ms (answer);
}

void
http_client_exchange (http_client_t *self, const http_request_t *request, const char *authorization,
                      size_t most, http_answer_t *answer)
{
    char error[CURL_ERROR_SIZE] = "";
    *answer = (http_answer_t){.headers = jv_object (), .retry_after_ms = -1};
    exchange_t exchange = {.answer = answer, .most = most};
    CURL *curl = self->curl;
    format_buffer_puts (&answer->body, "");
    curl_easy_reset (curl); // keeps connections
    set_limits (self);
    struct curl_slist *fields = fields_of (request, authorization);
    curl_mime *mime = request->body == HTTP_MULTIPART ? parts_of (curl, request) : NULL;
    set_request (self, request, mime);
    set (curl_easy_setopt (curl, CURLOPT_HTTPHEADER, fields));
    set (curl_easy_setopt (curl, CURLOPT_ERRORBUFFER, error));
    set (curl_easy_setopt (curl, CURLOPT_WRITEFUNCTION, on_body));
    set (curl_easy_setopt (curl, CURLOPT_WRITEDATA, &exchange));
    set (curl_easy_setopt (curl, CURLOPT_HEADERFUNCTION, on_header));
    set (curl_easy_setopt (curl, CURLOPT_HEADERDATA, &exchange));
    conclude (curl, curl_easy_perform (curl), error, answer);
    curl_easy_reset (curl); // of what is freed here
    curl_slist_free_all (fields);
    curl_mime_free (mime);
}

void
http_answer_clear (http_answer_t *answer)
{
    jv_free (answer->headers);
    answer->headers = jv_null ();
    format_buffer_clear (&answer->body);
}

const char *
http_answer_field (const http_answer_t *answer, const char *name)
{
    return options_text (answer->headers, name, "");
}
