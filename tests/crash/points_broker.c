/*
 * points_broker - where kaskd makes something durable, or tells somebody.
 */
#include "database.h"
#include "points.h"
#include "session.h"
#include "wire.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>

POINT_VOID (database_put, (database_t * self, run_t **run_p, int64_t epoch), (self, run_p, epoch))
POINT (int, PQpipelineSync, (PGconn * connection), (connection))
POINT (wire_outcome_t, wire_send,
       (wire_t * self, const route_t *route, const frame_t *frames, size_t n),
       (self, route, frames, n))
POINT (wire_outcome_t, session_reply,
       (sessions_t * self, session_t *session, const Kask__Reply *reply, const frame_t *frames,
        size_t n, bool may_wait),
       (self, session, reply, frames, n, may_wait))
POINT_VOID (session_fault,
            (sessions_t * self, const route_t *route, fault_t fault, uint32_t retry_after_ms),
            (self, route, fault, retry_after_ms))
POINT (int, zmq_send, (void *socket, const void *data, size_t size, int flags),
       (socket, data, size, flags))
POINT (ssize_t, send, (int fd, const void *data, size_t size, int flags), (fd, data, size, flags))
POINT (int, rename, (const char *from, const char *to), (from, to))
POINT (int, fsync, (int fd), (fd))
