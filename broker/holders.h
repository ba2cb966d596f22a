/*
 * holders - dead letters that hold their referral back, of all recipients.
 *
 * Welcome lists them, so that an inbox that forgot them (an older copy, a new one) keeps the
 * order.  Held in memory; what a batch changes is kept or thrown away with it.  A referral that
 * is revoked has none: nothing comes after its REVOKE that could overtake.
 */
#ifndef KASK_HOLDERS_H
#define KASK_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    int recipient; // partner numbers
    int sender;
    int64_t sequence;
    uint8_t referral[16];
} holder_t;

typedef struct holders_s holders_t;

holders_t *holders_new (void);
void holders_destroy (holders_t **self_p);
void holders_clear (holders_t *self);
// As the database holds it: committed.
void holders_load (holders_t *self, const holder_t *holder);

// One that stands already stays as it is.
void holders_add (holders_t *self, const holder_t *holder);
void holders_settle (holders_t *self, int recipient, int sender, int64_t sequence);
void holders_revoke (holders_t *self, const uint8_t referral[16]);
void holders_commit (holders_t *self);
void holders_rollback (holders_t *self);

// What is committed, oldest first; `place` counts from 0 and goes on behind the one returned.
// NULL: no more.  Borrowed until the next change.
const holder_t *holders_next (const holders_t *self, int recipient, size_t *place);

#endif
