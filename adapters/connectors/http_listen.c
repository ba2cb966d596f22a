/*
 * http_listen - takes the system's webhooks, on libmicrohttpd.
 *
 * The listener's thread keeps bytes only; JSON values are made in the thread that asks, for jv's
 * counts of references are not atomic.
 */
#include "connectors/http_listen.h"

#include "connectors/http_request.h"
#include "connectors/secret.h"
#include "formats/format.h"
#include "log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    CONNECTIONS = 32,
    IDLE_S = 10,
    HINTS = 1000,
    HINT_BYTES = 64 * 1024,
    ALL_BYTES = 4 * 1024 * 1024
};

typedef struct {
    char *bytes; // owned
    size_t size;
} hint_t;

struct http_listen_s {
    struct MHD_Daemon *daemon; // owned
    char *secret;              // owned
    char *url;                 // owned
    const char *path;          // these three are the settings'
    const char *signature;     // name of the header field
    const char *prefix;        // before the signature's hex digits
    int event;
    pthread_mutex_t lock; // of what follows
    hint_t hints[HINTS];
    size_t n_hints;
    size_t bytes;
};

static void *
fails (problem_t *problem, const char *key, const char *todo, const char *what)
{
    problem_set (problem, PROBLEM_SETUP, key, todo, "%s", what);
    problem_at (problem, "[http]", 0, NULL);
    return NULL;
}

// ---- keeping

// Takes `bytes`.  Where there is no room it is dropped: reading from time to time finds it.
static void
keep (http_listen_t *self, char *bytes, size_t size)
{
    uint64_t one = 1;
    pthread_mutex_lock (&self->lock);
    bool room = self->n_hints < HINTS && size <= ALL_BYTES - self->bytes;
    if (room) {
        self->hints[self->n_hints++] = (hint_t){bytes, size};
        self->bytes += size;
    }
    pthread_mutex_unlock (&self->lock);
    if (!room)
        free (bytes);
    if (write (self->event, &one, sizeof one) < 0)
        log_debug ("http: the webhooks' event is full");
}

jv
http_listen_take (http_listen_t *self)
{
    jv list = jv_array ();
    uint64_t count;
    if (read (self->event, &count, sizeof count) < 0)
        count = 0; // none since the last time; look all the same
    pthread_mutex_lock (&self->lock);
    for (size_t i = 0; i < self->n_hints; i++) {
        jv value = format_json_parse (self->hints[i].bytes, self->hints[i].size, NULL);
        free (self->hints[i].bytes);
        if (jv_is_valid (value))
            list = jv_array_append (list, value);
        else
            jv_free (value);
    }
    self->n_hints = self->bytes = 0;
    pthread_mutex_unlock (&self->lock);
    return list;
}

// ---- listening

static enum MHD_Result
answer (struct MHD_Connection *connection, unsigned status)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer (0, NULL, MHD_RESPMEM_PERSISTENT);
    if (!response)
        return MHD_NO;
    enum MHD_Result result = MHD_queue_response (connection, status, response);
    MHD_destroy_response (response);
    return result;
}

static bool
is_signed (const http_listen_t *self, struct MHD_Connection *connection,
           const format_buffer_t *body)
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES], given[sizeof mac];
    crypto_auth_hmacsha256_state state;
    size_t size = 0;
    const char *text = MHD_lookup_connection_value (connection, MHD_HEADER_KIND, self->signature);
    size_t before = strlen (self->prefix);
    if (!text || strncmp (text, self->prefix, before) != 0 ||
        strlen (text + before) != 2 * sizeof mac ||
        sodium_hex2bin (given, sizeof given, text + before, 2 * sizeof mac, NULL, &size, NULL) != 0)
        return false;
    crypto_auth_hmacsha256_init (&state, (const unsigned char *) self->secret,
                                 strlen (self->secret));
    crypto_auth_hmacsha256_update (&state, (const unsigned char *) body->bytes, body->size);
    crypto_auth_hmacsha256_final (&state, mac);
    return size == sizeof mac && sodium_memcmp (mac, given, sizeof mac) == 0;
}

static enum MHD_Result
conclude (http_listen_t *self, struct MHD_Connection *connection, format_buffer_t *body)
{
    if (body->size > HINT_BYTES)
        return answer (connection, MHD_HTTP_CONTENT_TOO_LARGE);
    if (!is_signed (self, connection, body))
        return answer (connection, MHD_HTTP_UNAUTHORIZED);
    keep (self, body->bytes, body->size);
    *body = (format_buffer_t){0};
    return answer (connection, MHD_HTTP_NO_CONTENT);
}

static enum MHD_Result
on_request (void *arg, struct MHD_Connection *connection, const char *url, const char *method,
            const char *version, const char *data, size_t *size, void **state)
{
    http_listen_t *self = arg;
    format_buffer_t *body = *state;
    (void) version;
    if (!body) { // the first call of a request has no data
        *state = body = calloc (1, sizeof *body);
        if (!body)
            abort ();
        format_buffer_puts (body, "");
        if (strcmp (url, self->path) != 0)
            return answer (connection, MHD_HTTP_NOT_FOUND);
        return strcmp (method, "POST") == 0 ? MHD_YES
                                            : answer (connection, MHD_HTTP_METHOD_NOT_ALLOWED);
    }
    if (*size == 0)
        return conclude (self, connection, body);
    if (body->size <= HINT_BYTES) // one byte more than allowed tells that it was too large
        format_buffer_put (
            body, data, *size < HINT_BYTES + 1 - body->size ? *size : HINT_BYTES + 1 - body->size);
    *size = 0;
    return MHD_YES;
}

static void
on_completed (void *arg, struct MHD_Connection *connection, void **state,
              enum MHD_RequestTerminationCode code)
{
    format_buffer_t *body = *state;
    (void) arg, (void) connection, (void) code;
    if (body)
        format_buffer_clear (body);
    free (body);
    *state = NULL;
}

// ---- setup

// "127.0.0.1:8099" or "[::1]:0".
static bool
address_of (const char *text, struct sockaddr_storage *address)
{
    char host[64];
    const char *colon = strrchr (text, ':');
    char *end;
    unsigned long port = colon ? strtoul (colon + 1, &end, 10) : 0;
    if (!colon || !colon[1] || *end || port > 65535 || (size_t) (colon - text) >= sizeof host)
        return false;
    bool bracketed = *text == '[' && colon[-1] == ']';
    snprintf (host, sizeof host, "%.*s", (int) (colon - text) - 2 * bracketed, text + bracketed);
    memset (address, 0, sizeof *address);
    struct sockaddr_in *four = (struct sockaddr_in *) address;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *) address;
    if (!bracketed && inet_pton (AF_INET, host, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons ((uint16_t) port);
        return true;
    }
    six->sin6_family = AF_INET6;
    six->sin6_port = htons ((uint16_t) port);
    return bracketed && inet_pton (AF_INET6, host, &six->sin6_addr) == 1;
}

static bool
start (http_listen_t *self, const struct sockaddr_storage *address, problem_t *problem)
{
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO;
    if (address->ss_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    self->daemon =
        MHD_start_daemon (flags, 0, NULL, NULL, on_request, self, MHD_OPTION_SOCK_ADDR,
                          (const struct sockaddr *) address, MHD_OPTION_CONNECTION_LIMIT,
                          (unsigned) CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned) IDLE_S,
                          MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
    if (self->daemon)
        return true;
    char what[200];
    snprintf (what, sizeof what, "cannot listen there: %s", strerror (errno));
    return fails (problem, "webhook_listen", "free the port, or use port 0 for any", what);
}

static void
make_url (http_listen_t *self, const settings_t *settings, const char *listen)
{
    const char *outside = settings_text (settings, "http", "webhook_url");
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info (self->daemon, MHD_DAEMON_INFO_BIND_PORT);
    unsigned port = info ? info->port : 0;
    int length = (int) (strrchr (listen, ':') - listen);
    if (*outside ? asprintf (&self->url, "%s", outside) < 0
                 : asprintf (&self->url, "http://%.*s:%u%s", length, listen, port, self->path) < 0)
        abort ();
}

static bool
tell_url (const http_listen_t *self, const char *path, problem_t *problem)
{
    FILE *file = *path ? fopen (path, "we") : NULL;
    if (!*path)
        return true;
    bool good = file && fprintf (file, "%s\n", self->url) > 0;
    if (file && fclose (file) != 0)
        good = false;
    return good ? true
                : fails (problem, "webhook_file", "correct the path", strerror (errno)) != NULL;
}

static bool
setup (http_listen_t *self, const settings_t *settings, problem_t *problem)
{
    struct sockaddr_storage address;
    const char *listen = settings_text (settings, "http", "webhook_listen");
    self->path = settings_text (settings, "http", "webhook_path");
    self->signature = settings_text (settings, "http", "webhook_signature");
    self->prefix = settings_text (settings, "http", "webhook_prefix");
    if (!address_of (listen, &address))
        return fails (problem, "webhook_listen", "write it as 127.0.0.1:8099 or [::1]:0",
                      "is not an address");
    if (!http_path_is_good (self->path))
        return fails (problem, "webhook_path", "give a path such as /webhook", "is not a path");
    self->secret = secret_read (settings, "webhook_secret", problem);
    if (!self->secret)
        return false;
    if (!*self->secret || !*self->signature)
        return fails (problem, "webhook_secret",
                      "give webhook_secret as env:NAME or file:PATH, and webhook_signature",
                      "webhooks without a signature are not taken");
    self->event = eventfd (0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (self->event < 0)
        return fails (problem, "webhook_listen", "raise the limit of open files", strerror (errno));
    if (!start (self, &address, problem))
        return false;
    make_url (self, settings, listen);
    return tell_url (self, settings_text (settings, "http", "webhook_file"), problem);
}

http_listen_t *
http_listen_new (const settings_t *settings, problem_t *problem)
{
    http_listen_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->event = -1;
    pthread_mutex_init (&self->lock, NULL);
    if (!setup (self, settings, problem))
        http_listen_destroy (&self);
    return self;
}

void
http_listen_destroy (http_listen_t **self_p)
{
    http_listen_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    if (self->daemon)
        MHD_stop_daemon (self->daemon); // waits for its thread
    for (size_t i = 0; i < self->n_hints; i++)
        free (self->hints[i].bytes);
    if (self->event >= 0)
        close (self->event);
    pthread_mutex_destroy (&self->lock);
    secret_free (&self->secret);
    free (self->url);
    free (self);
}

const char *
http_listen_url (const http_listen_t *self)
{
    return self->url;
}

const char *
http_listen_secret (const http_listen_t *self)
{
    return self->secret;
}

int
http_listen_fd (const http_listen_t *self)
{
    return self->event;
}
