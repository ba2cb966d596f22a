/*
 * http_server - a system over HTTP that does what a test says.
 */
#include "http_server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_BODY = 64 * 1024, HANG_S = 20 };

struct http_server_s {
    struct MHD_Daemon *daemon;
    const http_step_t *steps;
    size_t n_steps;
    int token_s;
    pthread_mutex_t lock; // of what follows
    pthread_cond_t stops;
    bool stopped;
    unsigned requests, tokens;
    char last[2 * MOST_BODY];
};

typedef struct {
    char target[8200];
    char body[MOST_BODY];
    size_t size;
} call_t;

static void *
on_uri (void *arg, const char *uri, struct MHD_Connection *connection)
{
    (void) arg, (void) connection;
    call_t *call = calloc (1, sizeof *call);
    if (!call)
        abort ();
    snprintf (call->target, sizeof call->target, "%s", uri);
    return call;
}

static void
on_completed (void *arg, struct MHD_Connection *connection, void **state,
              enum MHD_RequestTerminationCode code)
{
    (void) arg, (void) connection, (void) code;
    free (*state);
    *state = NULL;
}

static enum MHD_Result
answer (struct MHD_Connection *connection, const http_step_t *step)
{
    const char *body = step->body ? step->body : "";
    size_t one = strlen (body), times = step->repeat ? step->repeat : 1;
    char *bytes = malloc (one * times + 1);
    if (!bytes)
        abort ();
    for (size_t i = 0; i < one * times; i++)
        bytes[i] = body[i % one];
    struct MHD_Response *response =
        MHD_create_response_from_buffer (one * times, bytes, MHD_RESPMEM_MUST_FREE);
    if (step->field)
        MHD_add_response_header (response, step->field, step->value);
    if (!step->field || strcmp (step->field, "Content-Type") != 0)
        MHD_add_response_header (response, "Content-Type", "application/json; charset=utf-8");
    enum MHD_Result result = MHD_queue_response (connection, step->status, response);
    MHD_destroy_response (response);
    return result;
}

static enum MHD_Result
give_token (http_server_t *self, struct MHD_Connection *connection)
{
    char body[100];
    pthread_mutex_lock (&self->lock);
    unsigned number = ++self->tokens;
    pthread_mutex_unlock (&self->lock);
    snprintf (body, sizeof body, "{\"access_token\":\"t%u\",\"expires_in\":%d}", number,
              self->token_s);
    http_step_t step = {.status = self->token_s ? 200 : 401, .body = body};
    return answer (connection, &step);
}

static const char *
field (struct MHD_Connection *connection, const char *name)
{
    const char *value = MHD_lookup_connection_value (connection, MHD_HEADER_KIND, name);
    return value ? value : "";
}

// Waits until the server stops.  Called with the lock.
static void
hang (http_server_t *self)
{
    struct timespec until;
    clock_gettime (CLOCK_REALTIME, &until);
    until.tv_sec += HANG_S;
    while (!self->stopped && pthread_cond_timedwait (&self->stops, &self->lock, &until) == 0)
        ;
}

static enum MHD_Result
take_step (http_server_t *self, struct MHD_Connection *connection, const char *method,
           const call_t *call)
{
    pthread_mutex_lock (&self->lock);
    size_t i = self->requests < self->n_steps ? self->requests : self->n_steps - 1;
    const http_step_t *step = &self->steps[i];
    self->requests++;
    snprintf (self->last, sizeof self->last, "%s %s %s|%s|%s", method, call->target,
              field (connection, "Authorization"), field (connection, "Content-Type"), call->body);
    if (step->hangs)
        hang (self);
    pthread_mutex_unlock (&self->lock);
    return step->status && !step->hangs ? answer (connection, step) : MHD_NO;
}

static enum MHD_Result
on_request (void *arg, struct MHD_Connection *connection, const char *url, const char *method,
            const char *version, const char *data, size_t *size, void **state)
{
    http_server_t *self = arg;
    call_t *call = *state;
    (void) version;
    if (call->size == 0 && *size == 0 && call->target[0] != '\1') {
        // the first call of a request has no data: mark that it was
        memmove (call->target + 1, call->target, strlen (call->target) + 1);
        call->target[0] = '\1';
        return MHD_YES;
    }
    if (*size > 0) {
        size_t room = sizeof call->body - 1 - call->size, n = *size < room ? *size : room;
        memcpy (call->body + call->size, data, n);
        call->size += n;
        *size = 0;
        return MHD_YES;
    }
    memmove (call->target, call->target + 1, strlen (call->target));
    return strcmp (url, "/oauth/token") == 0 ? give_token (self, connection)
                                             : take_step (self, connection, method, call);
}

http_server_t *
http_server_new (const http_step_t *steps, size_t n, int token_s)
{
    http_server_t *self = calloc (1, sizeof *self);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    if (!self)
        abort ();
    self->steps = steps;
    self->n_steps = n;
    self->token_s = token_s;
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->stops, NULL);
    self->daemon = MHD_start_daemon (
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION, 0, NULL, NULL, on_request,
        self, MHD_OPTION_SOCK_ADDR, (const struct sockaddr *) &address, MHD_OPTION_URI_LOG_CALLBACK,
        on_uri, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
    if (!self->daemon)
        abort ();
    return self;
}

void
http_server_destroy (http_server_t **self_p)
{
    http_server_t *self = *self_p;
    *self_p = NULL;
    pthread_mutex_lock (&self->lock);
    self->stopped = true;
    pthread_cond_broadcast (&self->stops);
    pthread_mutex_unlock (&self->lock);
    MHD_stop_daemon (self->daemon);
    pthread_cond_destroy (&self->stops);
    pthread_mutex_destroy (&self->lock);
    free (self);
}

unsigned
http_server_port (const http_server_t *self)
{
    return MHD_get_daemon_info (self->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

unsigned
http_server_requests (http_server_t *self)
{
    pthread_mutex_lock (&self->lock);
    unsigned n = self->requests;
    pthread_mutex_unlock (&self->lock);
    return n;
}

unsigned
http_server_tokens (http_server_t *self)
{
    pthread_mutex_lock (&self->lock);
    unsigned n = self->tokens;
    pthread_mutex_unlock (&self->lock);
    return n;
}

const char *
http_server_last (http_server_t *self)
{
    static char text[2 * MOST_BODY];
    pthread_mutex_lock (&self->lock);
    memcpy (text, self->last, sizeof text);
    pthread_mutex_unlock (&self->lock);
    return text;
}
