/*
 * http_client - one exchange over HTTP, with limits.
 *
 * One curl handle, so that the connection is used again, but for requests that are not the same
 * twice.  Redirects are not followed, for
 * they would carry a token to where nobody meant it to go.
 */
#ifndef KASK_CONNECTOR_HTTP_CLIENT_H
#define KASK_CONNECTOR_HTTP_CLIENT_H

#include "connectors/http_request.h"
#include "connectors/http_retry.h"

typedef struct {
    const char *url;     // scheme, host, port and perhaps a path, without / at the end
    const char *ca_file; // "": the system's
    const char *proxy;   // "": none
    int64_t timeout_ms;  // for one exchange
    int64_t connect_ms;
} http_client_setup_t;

typedef struct {
    http_end_t end;
    long status;
    jv headers;             // object, names in lower case; owned
    format_buffer_t body;   // owned
    int64_t retry_after_ms; // -1: not said
    bool is_too_large;      // the body, or the header; then HTTP_UNKNOWN
    char error[256];        // where there is no answer: why
} http_answer_t;

typedef struct http_client_s http_client_t;

// The setup's texts are copied.
http_client_t *http_client_new (const http_client_setup_t *setup);
void http_client_destroy (http_client_t **self_p);

// `authorization` is the value of that header field, NULL: none.  The body is bounded by `most`
// bytes. *answer is the caller's, to be cleared in any case.
void http_client_exchange (http_client_t *self, const http_request_t *request,
                           const char *authorization, size_t most, http_answer_t *answer);
void http_answer_clear (http_answer_t *answer);

// Borrowed value of a header field, by its name in lower case; "" if absent.
const char *http_answer_field (const http_answer_t *answer, const char *name);

#endif
