/*
 * act - what a person did in the partner's system, on its way to the other party.
 *
 * A mapping gives it as JSON (ADAPTERS.md, Mappings, Event).  It is read and
 * checked, bound to its referral by the case it was done in, its attachments are
 * fetched, and it is put into the outbox: the last within the caller's
 * transaction, so that act, case and cursor are stored as one.
 */
#ifndef KASK_ACT_H
#define KASK_ACT_H

#include "cases.h"
#include "connector.h"
#include "kask.h"
#include "problem.h"

#include <jv.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    jv json;        // owned; the texts below point into it
    const char *id; // the system's own, of this act
    const char *case_id;
    const char *previous_case; // SEND: the case that this firm came from; may be ""
    const char *to;            // SEND: recipient; else narrows down the case's referrals; may be ""
    Kask__ReferralEvent *event; // owned
    Kask__Content *content;     // owned
    bool has_referral;          // event->referral_id was given by the system
    case_t subject;             // which referral, by act_bind
} act_t;

// Takes `json`.  False: *problem names what is missing or wrong; nothing is to be cleared.
bool act_read (act_t *self, jv json, problem_t *problem) __attribute__ ((warn_unused_result));
void act_clear (act_t *self);

typedef enum {
    ACT_BOUND,
    ACT_WAITS,  // no referral is known for its case: it may come
    ACT_REFUSED // *problem says why; it would be again
} act_binding_t;

// Finds its referral.  A SEND makes one, as a further leg where it has a previous case.
act_binding_t act_bind (act_t *self, sqlite3 *db, problem_t *problem);

// Fetches the attachments' bytes.  Waits for the system.
connector_result_t act_fetch (act_t *self, connector_t *connector, problem_t *problem);

// Into the outbox, with the case's row.  For a bound act, in the caller's transaction.
kask_stored_t act_send (act_t *self, kask_t *kask, kask_error_t *error);

#endif
