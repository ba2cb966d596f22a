/*
 * kask - the handle: it joins the rooms of the SDK.
 */
#include "kask.h"

#include "answer.h"
#include "bell.h"
#include "catalogue.h"
#include "error.h"
#include "event.h"
#include "handling.h"
#include "identity.h"
#include "keyring.h"
#include "moment.h"
#include "network.h"
#include "offer.h"
#include "statement.h"
#include "store.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INBOX_MESSAGES = 10000, INBOX_BYTES = 64 * 1024 * 1024, ATTEMPTS = 5 };

struct kask_s {
    store_t *store;
    identity_t identity;
    kask_options_t options;
    alarm_t alarm;
    bell_t wake;        // rung for the handle that talks to the broker
    bell_t news;        // rung for the one that does the work
    network_t *network; // NULL: this handle has none
    handling_t *handling;
    answers_t *answers;
    bool rings;       // something to tell of in the open transaction
    event_ids_t made; // by the last kask_send
    peer_t peer;      // of kask_partner_at
};

// ---------------------------------------------------------------- opening

static void
say (void *arg, kask_log_level_t level, const char *text)
{
    const kask_t *self = arg;
    if (self->options.log)
        self->options.log (self->options.log_arg, level, text);
    else if (level <= KASK_LOG_WARNING)
        fprintf (stderr, "kask: %s\n", text);
}

static void
set_options (kask_t *self, const kask_options_t *options)
{
    if (options)
        self->options = *options;
    kask_options_t *o = &self->options;
    o->software = o->software ? o->software : "libkask";
    o->inbox_messages = o->inbox_messages ? o->inbox_messages : INBOX_MESSAGES;
    o->inbox_bytes = o->inbox_bytes ? o->inbox_bytes : INBOX_BYTES;
    o->attempts = o->attempts ? o->attempts : ATTEMPTS;
    self->alarm = (alarm_t){.say = say, .arg = self};
}

static bool
open_bells (kask_t *self, const char *dir, kask_error_t *error)
{
    if (bell_open (&self->wake, dir, "kask.wake") && bell_open (&self->news, dir, "kask.news"))
        return true;
    return error_set (error,
                      "%s: kask.wake and kask.news cannot be opened; nothing was done; see the "
                      "folder's owner and mode",
                      dir);
}

static bool
open_network (kask_t *self, kask_error_t *error)
{
    const network_options_t options = {.software = self->options.software,
                                       .inbox_messages = self->options.inbox_messages,
                                       .inbox_bytes = self->options.inbox_bytes};
    self->network =
        network_new (self->store, &self->identity, &self->alarm, &self->wake, &options, error);
    return self->network != NULL;
}

kask_t *
kask_open (const char *dir, const kask_options_t *options, kask_error_t *error)
{
    if (sodium_init () < 0) {
        error_set (error, "libsodium cannot start on this machine; nothing was opened");
        return NULL;
    }
    kask_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->wake.fd = self->news.fd = -1;
    set_options (self, options);
    self->store = store_open (dir, error);
    if (!self->store || !identity_load (self->store, &self->identity, error) ||
        !open_bells (self, dir, error) || (self->options.network && !open_network (self, error))) {
        kask_close (&self);
        return NULL;
    }
    self->handling =
        handling_new (self->store, &self->identity, &self->alarm, self->options.attempts);
    self->answers = answers_new (self->store);
    return self;
}

void
kask_close (kask_t **self_p)
{
    kask_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    if (self->store)
        store_rollback (self->store);
    handling_destroy (&self->handling);
    answers_destroy (&self->answers);
    network_destroy (&self->network);
    store_destroy (&self->store);
    bell_close (&self->wake);
    bell_close (&self->news);
    identity_wipe (&self->identity);
    free (self);
}

const char *
kask_partner (const kask_t *self)
{
    return self->identity.partner;
}

void
kask_fingerprint (const kask_t *self, char text[40])
{
    identity_fingerprint (self->identity.identity_key, text);
}

// ---------------------------------------------------------------- stepping

int
kask_fd (const kask_t *self)
{
    return self->network ? network_fd (self->network) : self->news.fd;
}

int
kask_timeout_ms (const kask_t *self)
{
    int64_t left = handling_due_at (self->handling) - moment_now_ms ();
    int handling = left < 0 ? 0 : left > 1000 ? 1000 : (int) left;
    if (!self->network)
        return handling;
    return network_timeout_ms (self->network);
}

// Another process may have made new keys.
static void
follow_keys (kask_t *self)
{
    (void) identity_follow (self->store, &self->identity);
}

kask_state_t
kask_step (kask_t *self)
{
    follow_keys (self);
    if (!self->network) {
        bell_hush (&self->news);
        return KASK_CONNECTING;
    }
    kask_state_t state = network_step (self->network);
    if (network_take_news (self->network))
        bell_ring (&self->news);
    return state;
}

const char *
kask_why (const kask_t *self)
{
    return self->network ? network_why (self->network) : "this handle has no network";
}

const char *
kask_stop_fault (const kask_t *self)
{
    return self->network ? network_stop_fault (self->network) : "";
}

void
kask_wake (kask_t *self)
{
    bell_ring (&self->wake);
}

// ---------------------------------------------------------------- transactions

struct sqlite3 *
kask_store (kask_t *self)
{
    return store_database (self->store);
}

bool
kask_begin (kask_t *self, kask_error_t *error)
{
    self->rings = false;
    return store_begin (self->store, error);
}

// What was given back in a transaction that was undone is there again.
static void
forget (kask_t *self)
{
    handling_forget (self->handling);
    answers_forget (self->answers);
    self->rings = false;
}

bool
kask_commit (kask_t *self, kask_error_t *error)
{
    if (!store_commit (self->store, error)) {
        forget (self);
        return false;
    }
    if (self->rings)
        bell_ring (&self->wake);
    self->rings = false;
    return true;
}

void
kask_rollback (kask_t *self)
{
    store_rollback (self->store);
    forget (self);
}

// Something was written that the broker has to hear of.
static void
ring (kask_t *self)
{
    self->rings = true;
    if (!store_in_transaction (self->store))
        bell_ring (&self->wake);
}

// ---------------------------------------------------------------- sending

// The end of what may have put something into the outbox.
static kask_stored_t
finish (kask_t *self, kask_stored_t stored, kask_error_t *error)
{
    if (!store_leave (self->store, stored != KASK_FAILED, error))
        return KASK_FAILED;
    if (stored == KASK_STORED)
        ring (self);
    return stored;
}

kask_stored_t
kask_send (kask_t *self, const char *recipient, Kask__ReferralEvent *event,
           const Kask__Content *content, const char *act, uint8_t message_id[16],
           kask_error_t *error)
{
    const event_t sent = {.recipient = recipient, .act = act, .event = event, .content = content};
    if (!event_may_send (&sent, &self->identity, error) || !store_enter (self->store, error))
        return KASK_FAILED;
    return finish (self,
                   event_send (&sent, self->store, &self->identity, &self->made, message_id, error),
                   error);
}

kask_stored_t
kask_publish (kask_t *self, const Kask__Offering *offering, kask_error_t *error)
{
    if (!store_enter (self->store, error))
        return KASK_FAILED;
    follow_keys (self);
    return finish (self,
                   offer_publish (self->store, &self->identity, offering, moment_now_ms (), error),
                   error);
}

kask_stored_t
kask_withdraw (kask_t *self, const char *key, kask_error_t *error)
{
    if (!store_enter (self->store, error))
        return KASK_FAILED;
    follow_keys (self);
    return finish (
        self, offer_withdraw (self->store, &self->identity, key, moment_now_ms (), error), error);
}

kask_answer_t *
kask_next_answer (kask_t *self)
{
    return answers_next (self->answers);
}

bool
kask_answer_noted (kask_t *self, kask_answer_t **answer_p, kask_error_t *error)
{
    return answers_noted (self->answers, answer_p, error);
}

// ---------------------------------------------------------------- receiving

kask_message_t *
kask_next (kask_t *self)
{
    follow_keys (self);
    return handling_next (self->handling, moment_now_ms ());
}

bool
kask_done (kask_t *self, kask_message_t **message_p, kask_error_t *error)
{
    bool good = handling_done (self->handling, message_p, error);
    // the room that was set aside is for this
    if (!good && store_is_full (self->store) && !store_in_transaction (self->store) &&
        store_use_reserve (self->store))
        good = handling_done (self->handling, message_p, error);
    if (good)
        ring (self);
    return good;
}

bool
kask_later (kask_t *self, kask_message_t **message_p, int after_ms, kask_error_t *error)
{
    return handling_later (self->handling, message_p, moment_now_ms () + after_ms, error);
}

bool
kask_crashed (kask_t *self, kask_message_t **message_p, Kask__DeadReason reason, const char *text,
              kask_error_t *error)
{
    bool good = handling_crashed (self->handling, message_p, reason, text, moment_now_ms (), error);
    if (good)
        ring (self);
    return good;
}

bool
kask_refused (kask_t *self, kask_message_t **message_p, const char *text, kask_error_t *error)
{
    bool good = handling_refused (self->handling, message_p, text, error);
    if (good)
        ring (self);
    return good;
}

// ---------------------------------------------------------------- catalogue and partners

kask_offering_t *
kask_offering_after (kask_t *self, int64_t change)
{
    return catalogue_after (self->store, change);
}

void
kask_offering_free (kask_offering_t **offering_p)
{
    catalogue_offering_free (offering_p);
}

bool
kask_partner_at (kask_t *self, size_t place, kask_partner_t *partner)
{
    peer_t *peer = &self->peer;
    if (!keyring_at (self->store, place, peer))
        return false;
    *partner = (kask_partner_t){.partner = peer->partner,
                                .name = peer->name,
                                .country = peer->country,
                                .to_partner = peer->to_partner,
                                .from_partner = peer->from_partner,
                                .pinned = peer->pinned,
                                .conflict = peer->conflict};
    if (peer->shown)
        identity_fingerprint (peer->shown_identity, partner->fingerprint);
    return true;
}

bool
kask_pin (kask_t *self, const char *partner, const char *fingerprint, kask_error_t *error)
{
    bool good = keyring_pin (self->store, partner, fingerprint, &self->alarm, error);
    if (good)
        ring (self);
    return good;
}

bool
kask_unpin (kask_t *self, const char *partner, kask_error_t *error)
{
    return keyring_unpin (self->store, partner, error);
}
