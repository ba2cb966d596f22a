/*
 * http_token - how we show the system who we are.
 *
 * By what [http] has: nothing; user and password; a token that does not end; or one that is fetched
 * with client_id and client_secret (OAuth 2, client credentials) and renewed before it ends.
 */
#ifndef KASK_CONNECTOR_HTTP_TOKEN_H
#define KASK_CONNECTOR_HTTP_TOKEN_H

#include "connectors/http_client.h"
#include "settings.h"

typedef struct http_token_s http_token_t;

// Settings are borrowed.  NULL: the problem.
http_token_t *http_token_new (const settings_t *settings, problem_t *problem);
void http_token_destroy (http_token_t **self_p);

// The value of Authorization, borrowed until the next call; NULL: none is to be sent.
// LATER where a token could not be had: the problem.
connector_result_t http_token_get (http_token_t *self, http_client_t *client, int64_t now_ms,
                                   const char **value_p, problem_t *problem)
    __attribute__ ((warn_unused_result));

// The system did not take it.  True: another one can be got.
bool http_token_drop (http_token_t *self);

#endif
