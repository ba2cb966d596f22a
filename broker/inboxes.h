/*
 * inboxes - which report of each recipient's inbox was the last.
 *
 * One per partner, held in memory.  Working values change with a batch and
 * are kept or thrown away with it, like the lanes' numbers.
 */
#ifndef KASK_INBOXES_H
#define KASK_INBOXES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct inboxes_s inboxes_t;

inboxes_t *inboxes_new (void);
void inboxes_destroy (inboxes_t **self_p);
void inboxes_clear (inboxes_t *self);
void inboxes_load (inboxes_t *self, int recipient, const uint8_t inbox[16], int64_t last_batch);

// Last report of that inbox; 0 if it has made none.
int64_t inboxes_last (const inboxes_t *self, int recipient, const uint8_t inbox[16]);
// The same, without what a batch under way has made of it.
int64_t inboxes_committed (const inboxes_t *self, int recipient, const uint8_t inbox[16]);
void inboxes_set (inboxes_t *self, int recipient, const uint8_t inbox[16], int64_t last_batch);
// Calls fn for each that was set since the last commit or rollback.
typedef void (inboxes_fn) (void *arg, int recipient, const uint8_t inbox[16], int64_t last_batch);
void inboxes_each_set (const inboxes_t *self, inboxes_fn *fn, void *arg);
void inboxes_commit (inboxes_t *self);
void inboxes_rollback (inboxes_t *self);

#endif
