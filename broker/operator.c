/*
 * operator - an operator's act that changes state.
 *
 * What is decided is kept in the act (a partner, agreements, a dead letter) until
 * the commit, and only then becomes true in memory.  A decision may be made
 * again when its batch is built anew, so it starts from nothing each time.
 */
#include "operator.h"
#include "act.h"
#include "agreement_act.h"
#include "calendar.h"
#include "partner_act.h"
#include "request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { RECOVER_MOST = 100000 }; // messages of a lane that a recipient may claim

// ---------------------------------------------------------------- making one

static act_t *
act_new (act_kind_t kind, unsigned uid)
{
    act_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->kind = kind;
    self->uid = uid;
    return self;
}

act_t *
act_new_partner (unsigned uid, const char *text, bool replace, char *problem)
{
    act_t *self = act_new (KIND_PARTNER, uid);
    self->replace = replace;
    if (!request_read (text, &self->partner, problem, ACT_TEXT_BYTES))
        act_destroy (&self);
    return self;
}

act_t *
act_new_partner_revoke (unsigned uid, const char *partner)
{
    act_t *self = act_new (KIND_PARTNER_REVOKE, uid);
    snprintf (self->partner.id, sizeof self->partner.id, "%s", partner);
    return self;
}

static act_t *
act_between (act_kind_t kind, unsigned uid, const char *referrer, const char *receiver)
{
    act_t *self = act_new (kind, uid);
    snprintf (self->referrer, sizeof self->referrer, "%s", referrer);
    snprintf (self->receiver, sizeof self->receiver, "%s", receiver);
    return self;
}

act_t *
act_new_allow (unsigned uid, const char *referrer, const char *receiver, int64_t from_ms,
               int64_t to_ms)
{
    act_t *self = act_between (KIND_ALLOW, uid, referrer, receiver);
    self->from_ms = from_ms;
    self->to_ms = to_ms;
    return self;
}

act_t *
act_new_revoke (unsigned uid, const char *referrer, const char *receiver)
{
    return act_between (KIND_REVOKE, uid, referrer, receiver);
}

act_t *
act_new_dead_letter (unsigned uid, const dead_letter_t *letter)
{
    act_t *self = act_new (KIND_DEAD_LETTER, uid);
    self->letter = *letter;
    return self;
}

act_t *
act_new_upkeep (unsigned uid, const upkeep_t *upkeep)
{
    act_t *self = act_new (KIND_UPKEEP, uid);
    self->upkeep = *upkeep;
    return self;
}

act_t *
act_new_recover (unsigned uid, const recovery_t *from, int64_t from_ms)
{
    act_t *self = act_new (KIND_RECOVER, uid);
    self->from_ms = from_ms;
    const claim_t *claim;
    for (size_t i = 0; (claim = recovery_claim_at (from, i)); i++) {
        self->claims = realloc (self->claims, (i + 1) * sizeof *self->claims);
        if (!self->claims)
            abort ();
        self->claims[self->n_claims++] = *claim;
    }
    return self;
}

act_t *
act_new_again (unsigned uid, const char *partner, int64_t from_ms)
{
    act_t *self = act_new (KIND_AGAIN, uid);
    snprintf (self->partner.id, sizeof self->partner.id, "%s", partner);
    self->from_ms = from_ms;
    return self;
}

void
act_on_answer (act_t *self, act_answer_fn *fn, void *arg)
{
    self->answer = fn;
    self->answer_arg = arg;
}

static void
act_tell (act_t *self, act_outcome_t outcome, const char *text)
{
    act_answer_fn *answer = self->answer;
    self->answer = NULL;
    if (answer)
        answer (self->answer_arg, outcome, text);
}

void
act_destroy (act_t **self_p)
{
    if (!*self_p)
        return;
    act_failed (*self_p);
    free ((*self_p)->claims);
    free (*self_p);
    *self_p = NULL;
}

// ---------------------------------------------------------------- what was decided

void
act_refuse (act_t *self, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    vsnprintf (self->text, sizeof self->text, format, args);
    va_end (args);
    self->refused = true;
}

void
act_say (act_t *self, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    vsnprintf (self->text, sizeof self->text, format, args);
    va_end (args);
}

audit_row_t
act_audit_row (Kask__AuditKind kind, const partner_t *counterpart, const char *subject)
{
    audit_row_t row = {.counterpart = counterpart->no, .detail = subject};
    kask__audit_entry__init (&row.entry);
    row.entry.kind = kind;
    row.entry.actor = (char *) "operator";
    row.entry.counterpart = (char *) counterpart->id;
    row.entry.subject = (char *) subject;
    return row;
}

// ---------------------------------------------------------------- dead letters, upkeep

static void
decide_dead_letter (intake_t *intake, act_t *self)
{
    self->refused = !dead_letter_decide (intake, &self->letter, self->uid, self->text);
}

static void
decide_upkeep (intake_t *intake, act_t *self)
{
    self->refused = !upkeep_decide (intake, &self->upkeep, self->uid, self->text);
}

// ---------------------------------------------------------------- recovery

// The claim's sequences are those of messages that were lost: none of them comes any more.
static void
lift_lane (intake_t *intake, const act_t *self, const claim_t *claim)
{
    lane_t *lane = lanes_require (intake->lanes, claim->recipient, claim->sender);
    lanes_touch (intake->lanes, lane);
    int64_t first = lane->now.next_sequence;
    lane->now.next_sequence = claim->position + 1;
    for (int64_t lost = first; lost <= claim->position; lost++)
        intake_settle (intake, lane, lost);
    const partner_t *recipient = registry_by_no (intake->registry, claim->recipient);
    const partner_t *sender = registry_by_no (intake->registry, claim->sender);
    char subject[300];
    snprintf (subject, sizeof subject,
              "recovered: %s holds %s/%lld to %lld, which the database lacks, uid %u",
              recipient->id, sender->id, (long long) first, (long long) claim->position, self->uid);
    audit_row_t row = act_audit_row (KASK__AUDIT_KIND__AUDIT_OPERATOR, recipient, subject);
    batch_audit (intake->batch, &row);
}

static void
decide_recover (intake_t *intake, act_t *self)
{
    size_t passed = 0;
    for (size_t i = 0; i < self->n_claims; i++) {
        const claim_t *claim = &self->claims[i];
        if (claim->position - claim->known <= RECOVER_MOST)
            lift_lane (intake, self, claim);
        else
            passed++;
    }
    batch_recovered (intake->batch, self->n_claims > passed, self->from_ms);
    act_say (
        self,
        "recovered: %zu lanes go on above what their recipients hold; %zu claims of more than %d "
        "messages were not believed: ask those partners; senders are told which acts the "
        "database may have lost",
        self->n_claims - passed, passed, RECOVER_MOST);
}

static void
decide_again (intake_t *intake, act_t *self)
{
    const partner_t *partner = registry_find (intake->registry, self->partner.id);
    if (!partner) {
        act_refuse (self,
                    "mailbox: no partner %s; nothing was changed; kask partner list shows them",
                    self->partner.id);
        return;
    }
    char from[CALENDAR_DAY_BYTES], subject[200];
    calendar_day_write (calendar_local_day (self->from_ms), from);
    batch_again (intake->batch, partner->no, self->from_ms);
    snprintf (subject, sizeof subject, "%s: given out again what came since %s, uid %u",
              partner->id, from, self->uid);
    audit_row_t row = act_audit_row (KASK__AUDIT_KIND__AUDIT_OPERATOR, partner, subject);
    batch_audit (intake->batch, &row);
    act_say (
        self,
        "mailbox %s: what came since %s, and is still here, is given out again when its adapter "
        "was told (kask-adapter recover); kask audit list --partner %s --from %s names all of it",
        partner->id, from, partner->id, from);
}

// ---------------------------------------------------------------- the door

void
act_want (intake_t *self, const item_t *item)
{
    const act_t *act = item->act;
    if (act->kind == KIND_DEAD_LETTER)
        dead_letter_want (self, &act->letter);
}

void
act_decide (intake_t *self, item_t *item)
{
    act_t *act = item->act;
    act->refused = false;
    act->n_agreements = 0;
    switch (act->kind) {
    case KIND_PARTNER: partner_act_take (self, act); break;
    case KIND_PARTNER_REVOKE: partner_act_revoke (self, act); break;
    case KIND_ALLOW: agreement_act_allow (self, act); break;
    case KIND_REVOKE: agreement_act_revoke (self, act); break;
    case KIND_DEAD_LETTER: decide_dead_letter (self, act); break;
    case KIND_UPKEEP: decide_upkeep (self, act); break;
    case KIND_RECOVER: decide_recover (self, act); break;
    case KIND_AGAIN: decide_again (self, act); break;
    }
}

static bool
act_changes_partner (const act_t *self)
{
    return self->kind == KIND_PARTNER || self->kind == KIND_PARTNER_REVOKE;
}

void
act_committed (act_t *self, registry_t *registry)
{
    if (!self->refused && act_changes_partner (self))
        registry_put (registry, &self->partner);
    if (!self->refused && self->kind == KIND_UPKEEP)
        upkeep_committed (&self->upkeep, registry);
    for (size_t i = 0; i < self->n_agreements; i++)
        registry_agree (registry, &self->agreements[i]);
    act_tell (self, self->refused ? ACT_REFUSED : ACT_DONE, self->text);
}

void
act_failed (act_t *self)
{
    act_tell (self, ACT_UNKNOWN,
              "the database does not answer; whether it was done is unknown; look with the list "
              "or show command, and repeat it: a repetition is harmless");
}

bool
act_is_recovery (const act_t *self)
{
    return (self->kind == KIND_RECOVER && self->n_claims > 0) ||
           (self->kind == KIND_AGAIN && !self->refused);
}

bool
act_changes_directory (const act_t *self)
{
    return (act_changes_partner (self) && !self->refused) || self->n_agreements > 0;
}

const dead_letter_t *
act_replay (const act_t *self)
{
    return self->kind == KIND_DEAD_LETTER && !self->refused ? &self->letter : NULL;
}

int
act_resumed (const act_t *self)
{
    bool resumed =
        self->kind == KIND_UPKEEP && self->upkeep.kind == UPKEEP_RESUME && !self->refused;
    return resumed ? self->upkeep.no : 0;
}
