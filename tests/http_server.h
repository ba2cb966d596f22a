/*
 * http_server - a system over HTTP that does what a test says, request by request.
 */
#ifndef KASK_TEST_HTTP_SERVER_H
#define KASK_TEST_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *field, *value; // a header field, NULL: none
    const char *body;
    size_t repeat;   // the body so many times; 0: once
    unsigned status; // 0: close the connection without an answer
    bool hangs;      // answers only when the server stops
} http_step_t;

typedef struct http_server_s http_server_t;

// The steps are borrowed, and answered in turn, the last one for ever.  Tokens are had at
// /oauth/token: t1, t2 ...; each ends after `token_s` seconds, 0: none is given (401).
http_server_t *http_server_new (const http_step_t *steps, size_t n, int token_s);
void http_server_destroy (http_server_t **self_p);

unsigned http_server_port (const http_server_t *self);
// Requests so far, those for tokens not counted.
unsigned http_server_requests (http_server_t *self);
unsigned http_server_tokens (http_server_t *self);
// The last request as "METHOD /path?query authorization|content-type|body"; good until the next
// call.
const char *http_server_last (http_server_t *self);

#endif
