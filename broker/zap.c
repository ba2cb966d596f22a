/*
 * zap - says for each connection whose key it is (ZeroMQ RFC 27).
 */
#include "zap.h"
#include "admission.h"
#include "log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { ZAP_FRAMES = 8, ZAP_TEXT_BYTES = 256, ZAP_KEY_FRAME = 6 };

struct zap_s {
    void *socket;
    const registry_t *registry;
};

// A request: version, request id, domain, address, identity, mechanism, credentials.
typedef struct {
    uint8_t frames[ZAP_FRAMES][ZAP_TEXT_BYTES];
    size_t sizes[ZAP_FRAMES];
    int n;
} zap_request_t;

typedef struct {
    const char *code;
    const char *text;
    char user[ADMISSION_USER_BYTES];
} zap_verdict_t;

zap_t *
zap_new (void *context, const registry_t *registry)
{
    zap_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->registry = registry;
    self->socket = zmq_socket (context, ZMQ_REP);
    int rc = zmq_bind (self->socket, "inproc://zeromq.zap.01");
    assert (rc == 0);
    return self;
}

void
zap_destroy (zap_t **self_p)
{
    if (!*self_p)
        return;
    zmq_close ((*self_p)->socket);
    free (*self_p);
    *self_p = NULL;
}

void *
zap_socket (zap_t *self)
{
    return self->socket;
}

static bool
request_receive (zap_t *self, zap_request_t *request)
{
    *request = (zap_request_t){.n = 0};
    int more = 1;
    size_t size = sizeof more;
    while (more) {
        uint8_t frame[ZAP_TEXT_BYTES];
        int got = zmq_recv (self->socket, frame, sizeof frame, ZMQ_DONTWAIT);
        if (got < 0)
            return false;
        zmq_getsockopt (self->socket, ZMQ_RCVMORE, &more, &size);
        if (request->n == ZAP_FRAMES)
            continue;
        request->sizes[request->n] = (size_t) got < sizeof frame ? (size_t) got : sizeof frame;
        memcpy (request->frames[request->n], frame, request->sizes[request->n]);
        request->n++;
    }
    return true;
}

static zap_verdict_t
verdict_on_key (const zap_t *self, const zap_request_t *request)
{
    zap_verdict_t verdict = {"200", "OK", ""};
    admission_user (request->frames[ZAP_KEY_FRAME], verdict.user);
    uint8_t key[PARTNER_KEY_BYTES];
    const partner_t *partner;
    fault_t fault = admission_find (self->registry, verdict.user, key, &partner);
    if (fault == FAULT_OK)
        return verdict;
    log_info ("zap: %s key key=%s partner=%s address=%.*s; turned away; if it is a partner's, "
              "register it with kask partner add",
              partner ? "revoked" : "unknown", verdict.user, partner ? partner->id : "",
              (int) request->sizes[3], (const char *) request->frames[3]);
    return (zap_verdict_t){"400", partner ? "revoked key" : "unknown key", ""};
}

static zap_verdict_t
verdict_on (const zap_t *self, const zap_request_t *request, bool is_loaded)
{
    if (request->n != ZAP_KEY_FRAME + 1 || request->sizes[ZAP_KEY_FRAME] != PARTNER_KEY_BYTES ||
        request->sizes[5] != 5 || memcmp (request->frames[5], "CURVE", 5) != 0)
        return (zap_verdict_t){"400", "not CURVE", ""};
    if (!is_loaded)
        return (zap_verdict_t){"300", "not ready", ""};
    return verdict_on_key (self, request);
}

static void
verdict_send (zap_t *self, const zap_request_t *request, const zap_verdict_t *verdict)
{
    zmq_send (self->socket, "1.0", 3, ZMQ_SNDMORE);
    zmq_send (self->socket, request->frames[1], request->sizes[1], ZMQ_SNDMORE);
    zmq_send (self->socket, verdict->code, strlen (verdict->code), ZMQ_SNDMORE);
    zmq_send (self->socket, verdict->text, strlen (verdict->text), ZMQ_SNDMORE);
    zmq_send (self->socket, verdict->user, strlen (verdict->user), ZMQ_SNDMORE);
    zmq_send (self->socket, "", 0, 0);
}

void
zap_answer (zap_t *self, bool is_loaded)
{
    zap_request_t request;
    while (request_receive (self, &request)) {
        zap_verdict_t verdict = verdict_on (self, &request, is_loaded);
        verdict_send (self, &request, &verdict);
    }
}
