/*
 * event - a referral event on its way into the outbox.
 *
 * What the broker would refuse whatever happens is said here, to the program
 * that can still mend it.
 */
#include "event.h"

#include "codec.h"
#include "error.h"
#include "moment.h"
#include "outbox.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

bool
event_may_send (const event_t *self, const identity_t *identity, kask_error_t *error)
{
    const char *act = self->act, *recipient = self->recipient;
    const Kask__ReferralEvent *event = self->event;
    if (!act || !*act)
        return error_set (error,
                          "event to %s: names no act of a person, so a repeat could not be "
                          "told from a new one; nothing was stored",
                          recipient);
    if (!partner_name_is_valid (recipient) || strcmp (recipient, "catalogue") == 0)
        return error_set (error, "act %.100s: \"%.80s\" is no partner's id; nothing was stored",
                          act, recipient);
    if (strcmp (recipient, identity->partner) == 0)
        return error_set (error,
                          "act %.100s: a referral cannot go to its sender, %s; nothing was "
                          "stored",
                          act, recipient);
    bool begins = event->event == KASK__EVENT__EVENT_SEND;
    if (event->referral_id.len != 16 && !(begins && event->referral_id.len == 0))
        return error_set (error,
                          "act %.100s: its referral's id has %zu bytes and not 16; nothing "
                          "was stored",
                          act, event->referral_id.len);
    return true;
}

// The ids that libkask makes, and the version that the partner's system knows.
static void
fill_in (Kask__ReferralEvent *event, store_t *store, event_ids_t *made)
{
    if (event->event == KASK__EVENT__EVENT_SEND && event->referral_id.len == 0) {
        randombytes_buf (made->referral, sizeof made->referral);
        event->referral_id = (ProtobufCBinaryData){16, made->referral};
    }
    if (event->event == KASK__EVENT__EVENT_SEND && event->chain_id.len == 0) {
        memcpy (made->chain, event->referral_id.data, 16);
        event->chain_id = (ProtobufCBinaryData){16, made->chain};
    }
    if (event->version == 0 && event->event != KASK__EVENT__EVENT_SEND)
        event->version = version_of (store, event->referral_id.data);
}

// The header as the broker will read it: what it would refuse is said here.
static bool
header_is_legal (const Kask__Header *header, const char *act, kask_error_t *error)
{
    size_t size;
    uint8_t *bytes = message_pack (&header->base, &size);
    Kask__Header *unpacked;
    fault_t fault =
        size > LIMIT_HEADER_BYTES ? FAULT_TOO_LARGE : header_unpack (bytes, size, &unpacked);
    free (bytes);
    if (fault == FAULT_OK) {
        kask__header__free_unpacked (unpacked, NULL);
        return true;
    }
    return error_set (error, "act %.100s: %s: %s", act, fault_name (fault), fault_text (fault));
}

static bool
content_is_legal (const uint8_t *bytes, size_t size, const char *act, kask_error_t *error)
{
    fault_t fault = FAULT_TOO_LARGE;
    Kask__Content *unpacked = NULL;
    if (size <= LIMIT_BODY_BYTES - 200)
        fault = content_unpack (bytes, size, &unpacked);
    if (fault == FAULT_OK) {
        kask__content__free_unpacked (unpacked, NULL);
        return true;
    }
    return error_set (error, "act %.100s: content of %zu bytes: %s: %s", act, size,
                      fault_name (fault), fault_text (fault));
}

static bool
put (const event_t *self, store_t *store, const identity_t *identity, const Kask__Header *header,
     kask_error_t *error)
{
    static const Kask__Content nothing = KASK__CONTENT__INIT;
    size_t size;
    uint8_t *bytes = message_pack (self->content ? &self->content->base : &nothing.base, &size);
    const outgoing_t outgoing = {
        .act = self->act, .header = header, .content = bytes, .size = size};
    bool good = header_is_legal (header, self->act, error) &&
                content_is_legal (bytes, size, self->act, error) &&
                outbox_put (store, identity, &outgoing);
    free (bytes);
    return good;
}

kask_stored_t
event_send (const event_t *self, store_t *store, const identity_t *identity, event_ids_t *made,
            uint8_t message_id[16], kask_error_t *error)
{
    uint8_t origin[32], id[16];
    identity_origin (identity, self->act, origin);
    if (outbox_find_act (store, origin, message_id))
        return KASK_KNOWN;
    fill_in (self->event, store, made);
    randombytes_buf (id, sizeof id);
    Kask__Header header = KASK__HEADER__INIT;
    header.message_id = (ProtobufCBinaryData){sizeof id, id};
    header.sender = (char *) identity->partner;
    header.recipient = (char *) self->recipient;
    header.origin_key = (ProtobufCBinaryData){sizeof origin, origin};
    header.claimed_at_ms = moment_now_ms ();
    header.subject_case = KASK__HEADER__SUBJECT_REFERRAL;
    header.referral = self->event;
    if (!put (self, store, identity, &header, error))
        return KASK_FAILED;
    memcpy (message_id, id, sizeof id);
    return KASK_STORED;
}
