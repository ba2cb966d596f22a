/*
 * given - a message as the program has it: unpacked, opened and checked.
 */
#include "given.h"

#include "codec.h"
#include "codes.h"
#include "seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

given_t *
given_new (void)
{
    given_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    return self;
}

void
given_destroy (given_t **self_p)
{
    given_t *self = *self_p;
    *self_p = NULL;
    if (self->facts)
        kask__reply__free_unpacked (self->facts, NULL);
    if (self->header)
        kask__header__free_unpacked (self->header, NULL);
    if (self->content)
        kask__content__free_unpacked (self->content, NULL);
    free (self);
}

bool
given_unpack (given_t *self, sqlite3_stmt *row)
{
    return reply_unpack (sqlite3_column_blob (row, 0), (size_t) sqlite3_column_bytes (row, 0),
                         &self->facts) == FAULT_OK &&
           self->facts->reply_case == KASK__REPLY__REPLY_DELIVER &&
           header_unpack (sqlite3_column_blob (row, 1), (size_t) sqlite3_column_bytes (row, 1),
                          &self->header) == FAULT_OK &&
           self->header->subject_case == KASK__HEADER__SUBJECT_REFERRAL;
}

// The broker is believed without a signature in what it alone decides, and in nothing else.
static bool
is_brokers_own (const given_t *self, size_t body_size)
{
    return strcmp (self->header->sender, "broker") == 0 && body_size == 0 &&
           event_is_brokers (self->header->referral->event);
}

Kask__DeadReason
given_open (given_t *self, const identity_t *identity, sqlite3_stmt *row, const peer_t *peer)
{
    const Kask__Deliver *deliver = self->facts->deliver;
    if (deliver->by_broker)
        return is_brokers_own (self, (size_t) sqlite3_column_bytes (row, 2))
                   ? KASK__DEAD_REASON__DEAD_REASON_NONE
                   : KASK__DEAD_REASON__BAD_SIGNATURE;
    if (strcmp (self->header->sender, deliver->sender) != 0 ||
        strcmp (self->header->recipient, identity->partner) != 0)
        return KASK__DEAD_REASON__BAD_SIGNATURE;
    const sealed_header_t header = {.header = self->header,
                                    .bytes = sqlite3_column_blob (row, 1),
                                    .size = (size_t) sqlite3_column_bytes (row, 1)};
    Kask__DeadReason reason = KASK__DEAD_REASON__BAD_SIGNATURE;
    const uint8_t *key;
    for (size_t i = 0;
         reason == KASK__DEAD_REASON__BAD_SIGNATURE && (key = peer_identity_at (peer, i)); i++)
        reason = seal_open (identity, &header, key, sqlite3_column_blob (row, 2),
                            (size_t) sqlite3_column_bytes (row, 2), &self->content);
    bool is_later = reason == KASK__DEAD_REASON__DEAD_REASON_NONE &&
                    !event_is_known (self->header->referral->event);
    return is_later ? KASK__DEAD_REASON__MAPPING_FAILED : reason;
}

void
given_fill (given_t *self, int64_t no, int64_t attempts, bool perhaps_repeated)
{
    const Kask__Deliver *deliver = self->facts->deliver;
    kask_message_t *message = &self->message;
    self->no = no;
    self->attempts = attempts;
    if (deliver->replay)
        snprintf (message->id, sizeof message->id, "%s/%llu/%u", deliver->sender,
                  (unsigned long long) deliver->sequence, deliver->replay);
    else
        snprintf (message->id, sizeof message->id, "%s/%llu", deliver->sender,
                  (unsigned long long) deliver->sequence);
    message->sender = deliver->sender;
    message->sequence = deliver->sequence;
    message->replay = deliver->replay;
    message->accepted_at_ms = deliver->accepted_at_ms;
    message->by_broker = deliver->by_broker;
    message->perhaps_repeated = perhaps_repeated;
    message->header = self->header;
    message->content = self->content;
    message->standing = deliver->standing;
}

const uint8_t *
given_referral (const given_t *self)
{
    return self->header->referral->referral_id.data;
}
