/*
 * hold - which message holds back its referral, and until when.  In memory.
 *
 * One hold a referral: the oldest of its messages that cannot be handled now.
 */
#ifndef KASK_SDK_HOLD_H
#define KASK_SDK_HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    HOLD_HANDED, // the program has it in its hands
    HOLD_LATER,  // put off until `until_ms`
    HOLD_DEAD,   // a dead letter, until its replay is done
    HOLD_UNKNOWN // its sender is not pinned
} hold_kind_t;

typedef struct {
    uint8_t referral[16];
    int64_t no; // inbox row that holds
    hold_kind_t kind;
    int64_t until_ms; // LATER
} hold_t;

typedef struct holds_s holds_t;

holds_t *holds_new (void);
void holds_destroy (holds_t **self_p);

hold_t *holds_find (holds_t *self, const uint8_t referral[16]);
// Puts one in the place of what was there; borrowed until the next put or remove.
hold_t *holds_put (holds_t *self, const uint8_t referral[16], int64_t no, hold_kind_t kind,
                   int64_t until_ms);
void holds_remove (holds_t *self, const uint8_t referral[16]);
// Removes all but what the program has in its hands.
void holds_forget (holds_t *self);
// Not later than when the first that is put off may be tried again; INT64_MAX: none is.
int64_t holds_due_at (const holds_t *self);
// Removes those whose time has come; the lowest of their rows, or 0.
int64_t holds_take_expired (holds_t *self, int64_t now_ms);

#endif
