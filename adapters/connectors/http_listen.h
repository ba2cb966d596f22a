/*
 * http_listen - takes the system's webhooks.
 *
 * They are hints only: kept in memory, bounded, and lost without harm, for the sources are read
 * from time to time in any case.  A body is kept only if its signature is right.
 */
#ifndef KASK_CONNECTOR_HTTP_LISTEN_H
#define KASK_CONNECTOR_HTTP_LISTEN_H

#include "problem.h"
#include "settings.h"

#include <jv.h>

typedef struct http_listen_s http_listen_t;

// Its own thread listens from now on.  NULL: the problem.
http_listen_t *http_listen_new (const settings_t *settings, problem_t *problem);
void http_listen_destroy (http_listen_t **self_p);

// The address to tell the system, and the secret that it signs with; borrowed.
const char *http_listen_url (const http_listen_t *self);
const char *http_listen_secret (const http_listen_t *self);

// Readable while there are hints.
int http_listen_fd (const http_listen_t *self);
// The bodies since the last call, an array; what is not JSON is left out.  Owned by the caller.
jv http_listen_take (http_listen_t *self);

#endif
