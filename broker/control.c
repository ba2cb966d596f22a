/*
 * control - the Unix socket behind the operator's command line.
 *
 * A connection reads one request, waits for its job, writes one reply and is
 * closed.  Its place is kept until the job was answered, even if the
 * operator left; so jobs are as bounded as places.
 */
#include "control.h"
#include "clerk.h"
#include "control.pb-c.h"
#include "log.h"
#include "pgbinary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { HEAD_BYTES = 4 };

typedef struct {
    uint64_t id; // 0: the place is free
    int fd;      // -1: the operator left, its job goes on
    unsigned uid;
    int64_t deadline_ms;
    bool waits;     // for its job
    uint8_t *bytes; // the request as it comes in, then the reply as it goes out
    size_t size;    // read so far, or to be written
    size_t written;
} place_t;

struct control_s {
    zloop_t *loop;
    char path[sizeof ((struct sockaddr_un *) 0)->sun_path];
    int fd;
    clerk_t *clerk;
    uint64_t last_id;
    int64_t now_ms;
    place_t places[CONTROL_CONNECTIONS];
};

// ---------------------------------------------------------------- places

static void
poll_end (control_t *self, int fd)
{
    zmq_pollitem_t item = {.fd = fd};
    zloop_poller_end (self->loop, &item);
}

static void
place_hang_up (control_t *self, place_t *place)
{
    if (place->fd >= 0) {
        poll_end (self, place->fd);
        close (place->fd);
    }
    place->fd = -1;
    free (place->bytes);
    place->bytes = NULL;
    if (!place->waits)
        place->id = 0;
}

static place_t *
place_by_fd (control_t *self, int fd)
{
    for (int i = 0; i < CONTROL_CONNECTIONS; i++)
        if (self->places[i].id && self->places[i].fd == fd)
            return &self->places[i];
    return NULL;
}

static place_t *
place_find (control_t *self, uint64_t id)
{
    for (int i = 0; i < CONTROL_CONNECTIONS; i++)
        if (self->places[i].id == id)
            return &self->places[i];
    return NULL;
}

// ---------------------------------------------------------------- replies

static void
place_write (control_t *self, place_t *place)
{
    ssize_t n = send (place->fd, place->bytes + place->written, place->size - place->written,
                      MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0)
        place->written += (size_t) n;
    else if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0 || place->written == place->size)
        place_hang_up (self, place);
}

static int on_place (zloop_t *loop, zmq_pollitem_t *item, void *arg);

static void
place_poll (control_t *self, const place_t *place, short events)
{
    poll_end (self, place->fd);
    zmq_pollitem_t item = {.fd = place->fd, .events = events};
    zloop_poller (self->loop, &item, on_place, self);
    zloop_poller_set_tolerant (self->loop, &item);
}

static void
place_reply (control_t *self, place_t *place, const control_reply_t *reply)
{
    place->waits = false;
    if (place->fd < 0) {
        place->id = 0;
        return;
    }
    free (place->bytes);
    place->bytes = control_reply_frame (reply, &place->size);
    place->written = 0;
    place->deadline_ms = self->now_ms + CONTROL_TIMEOUT_MS;
    place_poll (self, place, ZMQ_POLLOUT);
}

static void
on_answer (void *arg, uint64_t job, const control_reply_t *reply)
{
    control_t *self = arg;
    place_t *place = place_find (self, job);
    if (place)
        place_reply (self, place, reply);
}

static void
place_refuse (control_t *self, place_t *place, command_exit_t code, const char *note)
{
    control_reply_t *reply = control_reply_new ();
    control_reply_say (reply, code, note);
    place_reply (self, place, reply);
    control_reply_destroy (&reply);
}

// ---------------------------------------------------------------- requests

static void
request_take (control_t *self, place_t *place)
{
    Kask__ControlRequest *request =
        kask__control_request__unpack (NULL, place->size - HEAD_BYTES, place->bytes + HEAD_BYTES);
    if (!request) {
        place_refuse (self, place, EXIT_USAGE,
                      "the request cannot be read; nothing was done; is "
                      "kask of the broker's version?");
        return;
    }
    place->waits = true;
    clerk_take (self->clerk, place->id, place->uid, (int) request->n_args, request->args,
                request->input);
    kask__control_request__free_unpacked (request, NULL);
}

// Bytes that the request has with its head; 0 as long as the head is not there.
static size_t
request_bytes (const place_t *place)
{
    if (place->size < HEAD_BYTES)
        return 0;
    const uint8_t *b = place->bytes;
    size_t length = (size_t) b[0] << 24 | (size_t) b[1] << 16 | (size_t) b[2] << 8 | b[3];
    return HEAD_BYTES + length;
}

static void
place_read (control_t *self, place_t *place)
{
    ssize_t n = recv (place->fd, place->bytes + place->size,
                      HEAD_BYTES + CONTROL_REQUEST_BYTES - place->size, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        place_hang_up (self, place);
        return;
    }
    place->size += (size_t) n;
    size_t wanted = request_bytes (place);
    if (wanted > HEAD_BYTES + CONTROL_REQUEST_BYTES)
        place_refuse (self, place, EXIT_USAGE,
                      "the request is too large; nothing was done; a "
                      "partner's request file has less than 8 KiB");
    else if (wanted && place->size >= wanted) {
        place->size = wanted;
        request_take (self, place);
    }
}

static int
on_place (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    (void) loop;
    control_t *self = arg;
    place_t *place = place_by_fd (self, item->fd);
    if (!place)
        return 0;
    if (place->waits) // nothing more is expected: it left, or talks out of turn
        place_hang_up (self, place);
    else if (place->written < place->size && (item->revents & ZMQ_POLLOUT))
        place_write (self, place);
    else
        place_read (self, place);
    return 0;
}

// ---------------------------------------------------------------- coming in

static unsigned
peer_uid (int fd)
{
    struct ucred who = {.uid = (uid_t) -1};
    socklen_t size = sizeof who;
    getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &who, &size);
    return who.uid;
}

static int
on_listener (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    (void) loop;
    control_t *self = arg;
    int fd = accept4 (item->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return 0;
    place_t *place = place_find (self, 0);
    if (!place) {
        log_warning ("control: connection refused uid=%u open=%d; all places are taken",
                     peer_uid (fd), CONTROL_CONNECTIONS);
        close (fd);
        return 0;
    }
    *place = (place_t){.id = ++self->last_id,
                       .fd = fd,
                       .uid = peer_uid (fd),
                       .deadline_ms = self->now_ms + CONTROL_TIMEOUT_MS,
                       .bytes = malloc (HEAD_BYTES + CONTROL_REQUEST_BYTES)};
    if (!place->bytes)
        abort ();
    place_poll (self, place, ZMQ_POLLIN);
    return 0;
}

void
control_tick (control_t *self, int64_t now_ms)
{
    self->now_ms = now_ms;
    clerk_tick (self->clerk, now_ms);
    for (int i = 0; i < CONTROL_CONNECTIONS; i++) {
        place_t *place = &self->places[i];
        if (place->id && place->fd >= 0 && now_ms > place->deadline_ms)
            place_hang_up (self, place);
    }
}

// ---------------------------------------------------------------- the socket

static bool
path_problem (const char *path, const char *what, char *problem)
{
    snprintf (problem, CONTROL_PROBLEM_BYTES, "control socket %s: %s; the broker does not start",
              path, what);
    return false;
}

// Takes away a socket that a broker left behind; false if one listens there.
static bool
path_is_free (const struct sockaddr_un *address, char *problem)
{
    struct stat there;
    if (lstat (address->sun_path, &there) != 0)
        return true;
    if (!S_ISSOCK (there.st_mode))
        return path_problem (address->sun_path, "something else than a socket is there; move it",
                             problem);
    int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool taken = fd >= 0 && connect (fd, (const struct sockaddr *) address, sizeof *address) == 0;
    close (fd);
    if (taken)
        return path_problem (address->sun_path,
                             "another broker listens there; stop it, or set "
                             "another path",
                             problem);
    unlink (address->sun_path);
    return true;
}

static bool
listen_at (control_t *self, const char *path, char *problem)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen (path) >= sizeof address.sun_path)
        return path_problem (path, "the path is longer than a socket's may be (107 bytes)",
                             problem);
    strcpy (address.sun_path, path);
    if (!path_is_free (&address, problem))
        return false;
    self->fd = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    mode_t mask = umask (0117); // rw for owner and group from the first moment
    bool bound = bind (self->fd, (const struct sockaddr *) &address, sizeof address) == 0;
    umask (mask);
    if (!bound || listen (self->fd, CONTROL_CONNECTIONS) != 0)
        return path_problem (path, strerror (errno), problem);
    strcpy (self->path, path);
    return true;
}

control_t *
control_new (zloop_t *loop, const control_options_t *options, char *problem)
{
    control_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->loop = loop;
    self->fd = -1;
    self->clerk = clerk_new (loop, options, on_answer, self);
    if (!listen_at (self, options->path, problem)) {
        control_destroy (&self);
        return NULL;
    }
    zmq_pollitem_t item = {.fd = self->fd, .events = ZMQ_POLLIN};
    zloop_poller (loop, &item, on_listener, self);
    zloop_poller_set_tolerant (loop, &item);
    return self;
}

void
control_destroy (control_t **self_p)
{
    control_t *self = *self_p;
    if (!self)
        return;
    for (int i = 0; i < CONTROL_CONNECTIONS; i++)
        if (self->places[i].id)
            place_hang_up (self, &self->places[i]);
    if (self->fd >= 0) {
        poll_end (self, self->fd);
        close (self->fd);
    }
    if (*self->path)
        unlink (self->path);
    clerk_destroy (&self->clerk);
    free (self);
    *self_p = NULL;
}
