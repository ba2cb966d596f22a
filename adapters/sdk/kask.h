/*
 * kask - the C SDK that an adapter, or a partner's own program, is written on.
 *
 * A kask_t is a handle on one state folder: keys, pins, an outbox and an inbox in
 * one SQLite file (kask.db).  What kask_send took is on disk when it returns,
 * and leaves the outbox only when the broker has it; what comes in is on disk
 * before the broker lets go of it, and stays until the program says that
 * its system has it.
 *
 * Two ways to use it.  *One handle*: the program polls kask_fd and calls
 * kask_step, which never waits.  *Two handles on one folder*, in two threads
 * or processes: one opened with .network that only steps, and one without
 * it that does the slow work with the partner's system; kask_wake tells the
 * other.  A handle belongs to one thread at a time; kask_wake is for any thread.
 *
 * Tables of the store that begin with "kask_" are this library's.  A program may
 * keep its own tables there and write them in one transaction with its messages
 * (kask_begin, kask_store).
 *
 * Ownership: what a function returns as x_t * is the caller's and goes back
 * by the matching call that takes x_t **; everything else is borrowed until
 * the next call on that handle.  Errors: a function that can fail takes a
 * kask_error_t * (may be NULL); what it says is what happened, what has not
 * happened, and what to do.  After a failure nothing has changed.
 */
#ifndef KASK_H
#define KASK_H

#include "content.pb-c.h"
#include "kask.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct kask_s kask_t;
struct sqlite3;

typedef struct {
    char text[500];
} kask_error_t;

#define KASK_CHECK __attribute__ ((warn_unused_result))

// ---------------------------------------------------------------- setting up

// Makes the folder (0700), keys and an empty store, and signs key statement 1.
// Refuses a folder that holds keys already.
bool kask_init (const char *dir, const char *partner, const char *name, const char *country,
                kask_error_t *error) KASK_CHECK;
// The request for `kask partner add`: text, malloc'd.  Holds no secret.
char *kask_request (const char *dir, kask_error_t *error) KASK_CHECK;
// Takes what `kask partner add` printed: endpoints and the broker's key.
bool kask_join (const char *dir, const char *broker_text, kask_error_t *error) KASK_CHECK;

// Makes new connection and sealing keys and signs the statement of them.  The network
// handle, in whatever process, says them to the broker within a second; the old sealing key
// still opens for 90 days, the old connection key counts until the new one is in use.
// With `identity` there is a new identity key, too: the old one signs that it hands over, and the
// neighbours' pins follow.
bool kask_rotate (const char *dir, bool identity, kask_error_t *error) KASK_CHECK;

// After the partner's system was restored from an older copy, and the operator gave out again what
// it lacks (kask mailbox again): the inbox takes what it knows once more, under the same ids.
bool kask_recover (const char *dir, kask_error_t *error) KASK_CHECK;

// ---------------------------------------------------------------- the handle

typedef enum { KASK_LOG_ERROR, KASK_LOG_WARNING, KASK_LOG_INFO, KASK_LOG_DEBUG } kask_log_level_t;

// A member that is 0 or NULL takes its default.
typedef struct {
    bool network;            // this handle talks to the broker; only one may
    const char *software;    // for the operator's log
    uint32_t inbox_messages; // that wait for the program, at most; 10,000
    uint64_t inbox_bytes;    // 64 MiB
    uint32_t attempts;       // crashes before a message is a dead letter; 5
    void (*log) (void *arg, kask_log_level_t level, const char *text);
    void *log_arg;
} kask_options_t;

kask_t *kask_open (const char *dir, const kask_options_t *options, kask_error_t *error) KASK_CHECK;
void kask_close (kask_t **self_p);

const char *kask_partner (const kask_t *self); // own partner's id
void kask_fingerprint (const kask_t *self, char text[40]);

typedef enum {
    KASK_CONNECTING, // or waiting to try again
    KASK_CONNECTED,
    KASK_STOPPED // a person is needed (superseded, database changed, key refused): kask_why
} kask_state_t;

// Poll it for reading, level-triggered.  Without a network it becomes readable when the other
// handle has put something into the store, until kask_step, which does nothing else there.
int kask_fd (const kask_t *self);
int kask_timeout_ms (const kask_t *self); // call kask_step then at the latest
kask_state_t kask_step (kask_t *self);
const char *kask_why (const kask_t *self); // what keeps it from being connected; "" if nothing
// Wire name of the fault when KASK_STOPPED, "SUPERSEDED"
const char *kask_stop_fault (const kask_t *self);
void kask_wake (kask_t *self); // the handle that steps will look into the store

// ---------------------------------------------------------------- transactions

struct sqlite3 *kask_store (kask_t *self);
// Everything between is committed, or not, as one.  Not nested.  Without
// it each call commits by itself.
bool kask_begin (kask_t *self, kask_error_t *error) KASK_CHECK;
bool kask_commit (kask_t *self, kask_error_t *error) KASK_CHECK;
void kask_rollback (kask_t *self);

// ---------------------------------------------------------------- sending

typedef enum {
    KASK_FAILED, // *error says why; nothing was stored
    KASK_STORED, // it will be sent
    KASK_KNOWN   // that act, or that content, was stored before; nothing was done
} kask_stored_t;

// An event on a referral.  For SEND referral_id and chain_id may be empty: they
// are made and written into `event` (pointing into `self`, until the next call).
// The version that is known of the referral is filled in where it is 0.
// `act` names the person's act in the partner's system (its own event id); one
// act is one message for ever.  Sealed to the recipient as soon as its keys
// are known and it is pinned; until then it waits in the outbox, with an alarm.
kask_stored_t kask_send (kask_t *self, const char *recipient, Kask__ReferralEvent *event,
                         const Kask__Content *content, const char *act, uint8_t message_id[16],
                         kask_error_t *error) KASK_CHECK;

// Puts an offering into the catalogue, or a new revision of it; KNOWN if the
// content is that of the last revision.  Withdraw makes a tombstone.
kask_stored_t kask_publish (kask_t *self, const Kask__Offering *offering,
                            kask_error_t *error) KASK_CHECK;
kask_stored_t kask_withdraw (kask_t *self, const char *key, kask_error_t *error) KASK_CHECK;

// What the broker said to a message, kept until the program has noted it.
typedef struct {
    int64_t no;
    uint8_t message_id[16];
    const char *recipient;
    const char *act; // as given to kask_send; "" for offerings
    const Kask__Header *header;
    bool accepted;
    const char *fault; // wire name when refused, "CONFLICT"
    const char *text;
    const Kask__Standing *standing; // may be NULL
} kask_answer_t;

kask_answer_t *kask_next_answer (kask_t *self);
bool kask_answer_noted (kask_t *self, kask_answer_t **answer_p, kask_error_t *error) KASK_CHECK;

// ---------------------------------------------------------------- receiving

typedef struct {
    char id[96]; // stable: "sender/sequence", "…/replay" for a replay
    const char *sender;
    uint64_t sequence;
    uint32_t replay;
    int64_t accepted_at_ms; // broker's time
    bool by_broker;
    bool perhaps_repeated; // an earlier attempt may have had its effect
    const Kask__Header *header;
    const Kask__Content *content;   // opened and verified; NULL if by_broker
    const Kask__Standing *standing; // right after this event
} kask_message_t;

// The next message to handle, or NULL.  A referral's messages come in order; one
// that is put off (later) holds back its own referral only.  Where a message has its effect
// outside of the store, call it outside of a transaction: one that is undone takes the
// mark along by which perhaps_repeated is known after a crash.  From when the handle with the
// network is opened there is none until the broker was heard: it knows what of an older copy of the
// folder was settled since.
kask_message_t *kask_next (kask_t *self);
// The partner's system has it.  In a transaction with the program's own rows.
bool kask_done (kask_t *self, kask_message_t **message_p, kask_error_t *error) KASK_CHECK;
// The system is down or slow: again after `after_ms`; never counts as an attempt.
bool kask_later (kask_t *self, kask_message_t **message_p, int after_ms,
                 kask_error_t *error) KASK_CHECK;
// Mapping or connector crashed on it: counts; a dead letter after options.attempts.
bool kask_crashed (kask_t *self, kask_message_t **message_p, Kask__DeadReason reason,
                   const char *text, kask_error_t *error) KASK_CHECK;
// The system refuses it for good: a dead letter at once.
bool kask_refused (kask_t *self, kask_message_t **message_p, const char *text,
                   kask_error_t *error) KASK_CHECK;

// ---------------------------------------------------------------- catalogue

typedef struct {
    int64_t change; // position in this store; rises with each record that came
    const char *publisher;
    const char *key;
    uint32_t revision;
    bool withdrawn;
    bool verified;                  // signed by a pinned identity
    const Kask__Offering *offering; // NULL if withdrawn
} kask_offering_t;

// The first record behind `change` (0: from the beginning), own ones left out; NULL if none.
kask_offering_t *kask_offering_after (kask_t *self, int64_t change);
void kask_offering_free (kask_offering_t **offering_p);

// ---------------------------------------------------------------- partners

typedef struct {
    const char *partner;
    const char *name;
    const char *country;
    bool to_partner; // an agreement lets us send referrals there
    bool from_partner;
    bool pinned;
    bool conflict;        // the broker shows another identity than the pinned one
    char fingerprint[40]; // of what the broker shows; "" if nothing
} kask_partner_t;

// In the order of their ids; false behind the last.
bool kask_partner_at (kask_t *self, size_t place, kask_partner_t *partner);
// After two people compared it by telephone.  May come before the partner is known.
bool kask_pin (kask_t *self, const char *partner, const char *fingerprint,
               kask_error_t *error) KASK_CHECK;
bool kask_unpin (kask_t *self, const char *partner, kask_error_t *error) KASK_CHECK;

#endif
