/*
 * zap - says for each connection whose key it is (ZeroMQ RFC 27).
 *
 * The handler of inproc://zeromq.zap.01.  A CURVE key that the registry has
 * gets itself, in Z85, as User-Id (admission.h); any other is turned away.  While the registry
 * was never loaded nobody is turned away for good: the client tries again.
 */
#ifndef KASK_ZAP_H
#define KASK_ZAP_H

#include "partner.h"

typedef struct zap_s zap_t;

// Both borrowed.  To be made before the socket that it guards.
zap_t *zap_new (void *context, const registry_t *registry);
void zap_destroy (zap_t **self_p);

// The socket, for a loop to wait on.
void *zap_socket (zap_t *self);
// Answers what has come.  With `is_loaded` false all are told to come again.
void zap_answer (zap_t *self, bool is_loaded);

#endif
