/*
 * port - what the session's machine asks of the world around it.
 */
#ifndef KASK_SDK_PORT_H
#define KASK_SDK_PORT_H

#include "keyring.h"

// One frame, borrowed.
typedef struct {
    const void *data;
    size_t size;
} frame_t;

typedef struct {
    // False: the socket takes nothing now; nothing was sent.
    bool (*send) (void *arg, const frame_t *frames, size_t n);
    void *arg;
    alarm_t alarm;
} port_t;

#endif
