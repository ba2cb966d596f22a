/*
 * ask - one question to the broker over its Unix socket.
 */
#include "ask.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { HEAD_BYTES = 4, REPLY_BYTES = 8388608, TIMEOUT_S = 60 };

static int
problem_of (char *problem, const char *path, const char *what)
{
    snprintf (problem, ASK_PROBLEM_BYTES, "%.120s: %s", path, what);
    return -1;
}

static int
open_socket (const char *path, char *problem)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen (path) >= sizeof address.sun_path)
        return problem_of (problem, path, "the path is longer than a socket's may be");
    strcpy (address.sun_path, path);
    int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct timeval timeout = {.tv_sec = TIMEOUT_S};
    setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    if (connect (fd, (const struct sockaddr *) &address, sizeof address) == 0)
        return fd;
    int reason = errno;
    close (fd);
    if (reason == EACCES)
        return problem_of (problem, path,
                           "you may not talk to the broker; nothing was done; the "
                           "owner and the group of that socket may");
    return problem_of (problem, path,
                       "no broker listens there; nothing was done; start kaskd, or "
                       "give its control socket with --socket or KASK_SOCKET");
}

static bool
send_all (int fd, const uint8_t *bytes, size_t size)
{
    while (size) {
        ssize_t n = send (fd, bytes, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        size -= (size_t) n;
    }
    return true;
}

static bool
receive_all (int fd, uint8_t *bytes, size_t size)
{
    while (size) {
        ssize_t n = recv (fd, bytes, size, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        size -= (size_t) n;
    }
    return true;
}

static bool
send_request (int fd, const Kask__ControlRequest *request)
{
    size_t size = kask__control_request__get_packed_size (request);
    uint8_t *frame = malloc (HEAD_BYTES + size);
    if (!frame)
        abort ();
    for (int i = 0; i < HEAD_BYTES; i++)
        frame[i] = (uint8_t) (size >> (24 - 8 * i));
    kask__control_request__pack (request, frame + HEAD_BYTES);
    bool sent = send_all (fd, frame, HEAD_BYTES + size);
    free (frame);
    return sent;
}

static Kask__ControlReply *
receive_reply (int fd)
{
    uint8_t head[HEAD_BYTES];
    if (!receive_all (fd, head, sizeof head))
        return NULL;
    size_t size = (size_t) head[0] << 24 | (size_t) head[1] << 16 | (size_t) head[2] << 8 | head[3];
    if (size > REPLY_BYTES)
        return NULL;
    uint8_t *bytes = malloc (size + 1);
    if (!bytes)
        abort ();
    Kask__ControlReply *reply =
        receive_all (fd, bytes, size) ? kask__control_reply__unpack (NULL, size, bytes) : NULL;
    free (bytes);
    return reply;
}

Kask__ControlReply *
ask_broker (const char *path, const Kask__ControlRequest *request, char *problem)
{
    int fd = open_socket (path, problem);
    if (fd < 0)
        return NULL;
    Kask__ControlReply *reply = send_request (fd, request) ? receive_reply (fd) : NULL;
    close (fd);
    if (!reply)
        problem_of (problem, path,
                    "the broker gave no whole answer; whether an act was done is "
                    "unknown; look with the list or show command, then repeat");
    return reply;
}
