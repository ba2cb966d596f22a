/*
 * inbox - messages that came in, as they came, until the partner's system has
 * them.  This is the network's side; handling them is handling.h.
 */
#ifndef KASK_SDK_INBOX_H
#define KASK_SDK_INBOX_H

#include "port.h"
#include "store.h"

typedef struct inbox_s inbox_t;

// Limits of what waits: messages and bytes.
inbox_t *inbox_new (store_t *store, const port_t *port, uint32_t messages, uint64_t bytes);
void inbox_destroy (inbox_t **self_p);

// A delivery: facts are the reply frame's bytes.
typedef struct {
    const Kask__Deliver *deliver;
    frame_t facts;
    frame_t header;
    frame_t body;
} delivery_t;

// The positions for Hello; borrowed until the next call.
const Kask__Position *inbox_position_at (inbox_t *self, size_t place);
size_t inbox_n_positions (const inbox_t *self);
Kask__Window inbox_window (inbox_t *self);

// In a transaction: this inbox is an older copy of one that the broker has heard more of; what
// waits in it and its positions are forgotten, and the broker delivers what is not settled.
void inbox_forget (inbox_t *self);
// In a transaction, at Welcome: closes what the broker has settled, and holds back the referrals
// whose dead letters it lists.
void inbox_begin (inbox_t *self, const Kask__Welcome *welcome);
// In a transaction.  A REVOKE erases what waits of its referral.
void inbox_put (inbox_t *self, const delivery_t *delivery);
// In a transaction.  Whatever of the referral (16 bytes) is not DONE goes, dead letters too,
// content and all, without effect; REVOKEs stay.
void inbox_erase (store_t *store, const uint8_t *referral);
// In a transaction, at its end.
void inbox_save (inbox_t *self);

// After the commit: tells the broker what was taken and how much more may come.
// False: the socket is full.
bool inbox_flush (inbox_t *self);
// The disk took nothing: take nothing more until this is called with false.
void inbox_set_stuck (inbox_t *self, bool stuck);
bool inbox_is_stuck (const inbox_t *self);
// Has something come since this was asked last?
bool inbox_take_news (inbox_t *self);

#endif
