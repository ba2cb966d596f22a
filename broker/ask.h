/*
 * ask - one question to the broker over its Unix socket.  Waits for the answer.
 */
#ifndef KASK_ASK_H
#define KASK_ASK_H

#include "control.pb-c.h"

enum { ASK_PROBLEM_BYTES = 400 };

// The reply, freed by kask__control_reply__free_unpacked.  NULL if there was none: `problem`
// (ASK_PROBLEM_BYTES) says why and what to do.
Kask__ControlReply *ask_broker (const char *path, const Kask__ControlRequest *request,
                                char *problem);

#endif
