/*
 * clerk - carries out the operator's commands: what is read from the database, and
 * the acts that go to intake.
 *
 * Knows no socket.  A job is a command by its id; its answer comes once, never before
 * clerk_take has returned, except when the clerk is destroyed first.
 */
#ifndef KASK_CLERK_H
#define KASK_CLERK_H

#include "control.h"
#include "control_reply.h"

typedef struct clerk_s clerk_t;

typedef void (clerk_answer_fn) (void *arg, uint64_t job, const control_reply_t *reply);

clerk_t *clerk_new (zloop_t *loop, const control_options_t *options, clerk_answer_fn *fn,
                    void *arg);
void clerk_destroy (clerk_t **self_p);
void clerk_tick (clerk_t *self, int64_t now_ms);

// Takes the arguments and the file's content, all copied.  `uid` is who asks.
void clerk_take (clerk_t *self, uint64_t job, unsigned uid, int n, char *const *args,
                 const char *input);

#endif
