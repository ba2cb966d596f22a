/*
 * operator - an operator's act that changes state.
 *
 * Made from what the operator typed (control), decided in a batch like any
 * command (intake), answered when the batch's fate is known (outcome).
 * One act at a time is under way: control gives the next when the one before
 * it was answered, so an act never meets another in its batch.
 */
#ifndef KASK_OPERATOR_H
#define KASK_OPERATOR_H

#include "dead_letter.h"
#include "intake.h"
#include "item.h"
#include "partner.h"
#include "recovery.h"
#include "upkeep.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ACT_TEXT_BYTES = 600 };

typedef enum {
    ACT_DONE,    // committed; text says what was done
    ACT_REFUSED, // nothing was changed; text says why and what to do
    ACT_UNKNOWN  // the database did not answer: whether it was done is unknown
} act_outcome_t;

// Told once an act, at the latest when it is destroyed.
typedef void (act_answer_fn) (void *arg, act_outcome_t outcome, const char *text);

// ---------------------------------------------------------------- making one (control)

// `uid` is who asked, for the audit log; `text` is the request file of a partner: lines
// `key = value` with partner, name, country, statement and signature.
// NULL if it cannot be read or is not signed by the identity that it names; `problem`
// (ACT_TEXT_BYTES) then says why.  `replace`: another identity than the known one is
// taken.
act_t *act_new_partner (unsigned uid, const char *text, bool replace, char *problem);
// From now on no key of the partner counts.
act_t *act_new_partner_revoke (unsigned uid, const char *partner);
// From `from_ms` until `to_ms`; 0: from now, and INT64_MAX: until further notice.
act_t *act_new_allow (unsigned uid, const char *referrer, const char *receiver, int64_t from_ms,
                      int64_t to_ms);
// Ends at once what is in force between the two, and cancels what is to come.
act_t *act_new_revoke (unsigned uid, const char *referrer, const char *receiver);
act_t *act_new_dead_letter (unsigned uid, const dead_letter_t *letter);
act_t *act_new_upkeep (unsigned uid, const upkeep_t *upkeep);
// What partners hold and the database lacks is noted, and its sequences are not given again.
// Of `from` the claims are copied; `from_ms`: the time of what the database has last.
act_t *act_new_recover (unsigned uid, const recovery_t *from, int64_t from_ms);
// What was accepted for the partner since then, and is still held, counts as not DONE.
act_t *act_new_again (unsigned uid, const char *partner, int64_t from_ms);
void act_on_answer (act_t *self, act_answer_fn *fn, void *arg);
void act_destroy (act_t **self_p);

// ---------------------------------------------------------------- deciding (intake)

void act_want (intake_t *self, const item_t *item);
void act_decide (intake_t *self, item_t *item);

// ---------------------------------------------------------------- afterwards (outcome)

// The batch is committed: brings the registry up to date and answers.
void act_committed (act_t *self, registry_t *registry);
// The batch's fate is unknown and the act is not tried again: answers ACT_UNKNOWN.
void act_failed (act_t *self);

// What else follows from an act that was done: a changed directory is to be
// pushed to the partners; a dead letter (NULL: none) is to be delivered again.
// Lanes or generation were changed in the database: everything is to be read anew.
bool act_is_recovery (const act_t *self);
bool act_changes_directory (const act_t *self);
const dead_letter_t *act_replay (const act_t *self);
// The number of the partner whose mailbox was resumed; 0: none was.
int act_resumed (const act_t *self);

#endif
