/*
 * line - the thread that speaks with the broker.
 *
 * It only steps a handle that has the network, so that a partner's system that
 * is slow or endless never stops the heartbeats.
 */
#ifndef KASK_LINE_H
#define KASK_LINE_H

#include "kask.h"

#include <stdbool.h>

typedef struct line_s line_t;

// Starts the thread.  It owns `*kask_p` from here on.  Its end, asked for or not, makes `ended_fd`,
// an eventfd that is borrowed, readable.
line_t *line_new (kask_t **kask_p, int ended_fd);
// Asks the thread to end, waits for it, and closes its handle.
void line_destroy (line_t **self_p);

// Did it stop because a person is needed?  `fault` is then the fault's wire name ("SUPERSEDED"),
// `why` the reason.
bool line_has_stopped (line_t *self, char fault[64], char why[300]);
bool line_is_connected (const line_t *self);

#endif
