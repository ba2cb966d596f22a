/*
 * operator - an operator's act that changes state.
 *
 * What is decided is kept in the act (a partner, agreements, a dead letter) until
 * the commit, and only then becomes true in memory.  A decision may be made
 * again when its batch is built anew, so it starts from nothing each time.
 */
#include "operator.h"
#include "calendar.h"
#include "request.h"
#include "statement.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum {
    KIND_PARTNER,
    KIND_PARTNER_REVOKE,
    KIND_ALLOW,
    KIND_REVOKE,
    KIND_DEAD_LETTER,
    KIND_UPKEEP,
    KIND_RECOVER,
    KIND_AGAIN
} act_kind_t;

enum { RECOVER_MOST = 100000 }; // messages of a lane that a recipient may claim

enum { MAX_ENDED = 64 }; // agreements between two partners that one act ends

struct act_s {
    act_kind_t kind;
    unsigned uid;
    act_answer_fn *answer; // NULL: nobody waits, or it was told
    void *answer_arg;
    // as asked for
    partner_t partner;
    bool replace;
    char referrer[LIMIT_PARTNER_NAME + 1];
    char receiver[LIMIT_PARTNER_NAME + 1];
    int64_t from_ms;
    int64_t to_ms;
    dead_letter_t letter;
    upkeep_t upkeep;
    claim_t *claims; // RECOVER
    size_t n_claims;
    // as decided
    bool refused;
    char text[ACT_TEXT_BYTES];
    agreement_t agreements[MAX_ENDED];
    size_t n_agreements;
};

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

static void refuse (act_t *self, const char *format, ...) __attribute__ ((format (printf, 2, 3)));
static void done (act_t *self, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

static void
refuse (act_t *self, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    vsnprintf (self->text, sizeof self->text, format, args);
    va_end (args);
    self->refused = true;
}

static void
done (act_t *self, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    vsnprintf (self->text, sizeof self->text, format, args);
    va_end (args);
}

// An entry of the operator's; `subject` says what was changed.
static audit_row_t
audit_row (Kask__AuditKind kind, const partner_t *counterpart, const char *subject)
{
    audit_row_t row = {.counterpart = counterpart->no, .detail = subject};
    kask__audit_entry__init (&row.entry);
    row.entry.kind = kind;
    row.entry.actor = (char *) "operator";
    row.entry.counterpart = (char *) counterpart->id;
    row.entry.subject = (char *) subject;
    return row;
}

// ---------------------------------------------------------------- partners

static bool
partner_may (act_t *self, const registry_t *registry, const partner_t *known)
{
    const partner_t *new = &self->partner;
    const partner_t *owner = registry_by_curve_key (registry, new->curve_key);
    if (owner && strcmp (owner->id, new->id) != 0)
        refuse (self,
                "partner %s: its connection key is that of %s; nothing was changed; "
                "have the partner make keys of its own",
                new->id, owner->id);
    else if (!known && registry_size (registry) >= LIMIT_PARTNERS)
        refuse (self, "partner %s: the broker has its %d partners; nothing was changed", new->id,
                LIMIT_PARTNERS);
    if (self->refused || !known)
        return !self->refused;
    bool same = partner_succeeds (new, known->identity_key);
    char fingerprint[FINGERPRINT_TEXT_BYTES];
    identity_fingerprint (known->identity_key, fingerprint);
    if (!same && !self->replace)
        refuse (self,
                "partner %s: is known with another identity, fingerprint %s; nothing was "
                "changed; if the partner says on the telephone that it made new keys, "
                "repeat with --replace",
                new->id, fingerprint);
    else if (same && known->revoked_at)
        refuse (self,
                "partner %s: the keys with the fingerprint %s were revoked; nothing was changed; "
                "have the partner make a new folder (kask-adapter init), and repeat with --replace",
                new->id, fingerprint);
    else if (same && new->statement_number < known->statement_number)
        refuse (self,
                "partner %s: the file's key statement has number %llu, a later one, %llu, "
                "is known; nothing was changed; have the partner make a new file",
                new->id, (unsigned long long) new->statement_number,
                (unsigned long long) known->statement_number);
    return !self->refused;
}

static void
decide_partner (intake_t *intake, act_t *self)
{
    const partner_t *known = registry_find (intake->registry, self->partner.id);
    if (!partner_may (self, intake->registry, known))
        return;
    self->partner.no = known ? known->no : registry_next_no (intake->registry);
    batch_partner (intake->batch, &self->partner);
    char fingerprint[FINGERPRINT_TEXT_BYTES], subject[200];
    identity_fingerprint (self->partner.identity_key, fingerprint);
    bool replaced = known && !partner_succeeds (&self->partner, known->identity_key);
    const char *what = replaced ? "identity replaced" : known ? "keys renewed" : "added";
    snprintf (subject, sizeof subject, "partner %s %s, fingerprint %s, uid %u", self->partner.id,
              what, fingerprint, self->uid);
    audit_row_t row = audit_row (KASK__AUDIT_KIND__AUDIT_KEY, &self->partner, subject);
    batch_audit (intake->batch, &row);
    done (self, "partner %s: %s; its fingerprint is %s", self->partner.id, what, fingerprint);
}

static void
decide_partner_revoke (intake_t *intake, act_t *self)
{
    const partner_t *known = registry_find (intake->registry, self->partner.id);
    if (!known || known->revoked_at) {
        refuse (self, "partner %s: %s; nothing was changed; kask partner list shows those that are",
                self->partner.id, known ? "its keys were revoked before" : "is not known");
        return;
    }
    self->partner = *known;
    self->partner.revoked_at = batch_now (intake->batch);
    batch_partner (intake->batch, &self->partner);
    char fingerprint[FINGERPRINT_TEXT_BYTES], subject[200];
    identity_fingerprint (known->identity_key, fingerprint);
    snprintf (subject, sizeof subject, "partner %s keys revoked, fingerprint %s, uid %u", known->id,
              fingerprint, self->uid);
    audit_row_t row = audit_row (KASK__AUDIT_KIND__AUDIT_KEY, known, subject);
    batch_audit (intake->batch, &row);
    done (self,
          "partner %s: its keys are revoked; nothing signed or sent with them counts any more; "
          "neighbours hold what goes there, and what comes from there",
          known->id);
}

// ---------------------------------------------------------------- agreements

static void
date_write (int64_t at_ms, char text[16])
{
    calendar_date_t date = calendar_date_of (calendar_local_day (at_ms));
    snprintf (text, 16, "%04d-%02d-%02d", date.year % 10000, date.month, date.day);
}

// Puts one agreement into the batch, with its entry.
static void
agree (intake_t *intake, act_t *self, const agreement_t *agreement, const char *what)
{
    assert (self->n_agreements < MAX_ENDED);
    self->agreements[self->n_agreements++] = *agreement;
    batch_agreement (intake->batch, agreement);
    char from[16], to[16] = "further notice", subject[300];
    date_write (agreement->from_at, from);
    if (agreement->to_at != INT64_MAX)
        date_write (agreement->to_at, to);
    snprintf (subject, sizeof subject, "%s %s to %s, from %s until %s, uid %u", what,
              self->referrer, self->receiver, from, to, self->uid);
    const partner_t *receiver = registry_by_no (intake->registry, agreement->receiver);
    audit_row_t row = audit_row (KASK__AUDIT_KIND__AUDIT_AGREEMENT, receiver, subject);
    batch_audit (intake->batch, &row);
}

// The numbers of the two; false if one is not known, and the act is refused.
static bool
parties_find (const intake_t *intake, act_t *self, agreement_t *agreement)
{
    const partner_t *referrer = registry_find (intake->registry, self->referrer);
    const partner_t *receiver = registry_find (intake->registry, self->receiver);
    if (!referrer || !receiver) {
        refuse (self,
                "agreement: no partner %s; nothing was changed; kask partner list shows "
                "those that are known",
                referrer ? self->receiver : self->referrer);
        return false;
    }
    if (referrer == receiver) {
        refuse (self, "agreement: %s cannot refer to itself; nothing was changed", self->referrer);
        return false;
    }
    *agreement = (agreement_t){.referrer = referrer->no, .receiver = receiver->no};
    return true;
}

static const agreement_t *
agreement_at (const registry_t *registry, const agreement_t *between, int64_t at)
{
    const agreement_t *a;
    for (size_t i = 0; (a = registry_agreement_at (registry, i)); i++)
        if (a->referrer == between->referrer && a->receiver == between->receiver &&
            a->from_at <= at && at < a->to_at)
            return a;
    return NULL;
}

static void
decide_allow (intake_t *intake, act_t *self)
{
    agreement_t wanted;
    if (!parties_find (intake, self, &wanted))
        return;
    wanted.from_at = self->from_ms ? self->from_ms : batch_now (intake->batch);
    wanted.to_at = self->to_ms;
    if (wanted.to_at <= wanted.from_at || wanted.to_at <= batch_now (intake->batch)) {
        refuse (self,
                "agreement %s to %s: it would end before it begins, or has ended already; "
                "nothing was changed; give another --to",
                self->referrer, self->receiver);
        return;
    }
    const agreement_t *known = agreement_at (intake->registry, &wanted, wanted.from_at);
    if (known && known->to_at == wanted.to_at) {
        done (self, "agreement %s to %s: was in force already; nothing was changed", self->referrer,
              self->receiver);
        return;
    }
    if (known)
        wanted.from_at = known->from_at;
    agree (intake, self, &wanted, known ? "end changed:" : "allowed:");
    done (self, "agreement %s to %s: %s", self->referrer, self->receiver,
          known ? "its end was changed" : "added");
}

static void
decide_revoke (intake_t *intake, act_t *self)
{
    agreement_t between;
    if (!parties_find (intake, self, &between))
        return;
    int64_t now = batch_now (intake->batch);
    const agreement_t *a;
    for (size_t i = 0; (a = registry_agreement_at (intake->registry, i)); i++) {
        if (a->referrer != between.referrer || a->receiver != between.receiver || a->to_at <= now ||
            a->to_at <= a->from_at || self->n_agreements == MAX_ENDED)
            continue;
        agreement_t ended = *a;
        ended.to_at = a->from_at > now ? a->from_at : now;
        agree (intake, self, &ended, "revoked:");
    }
    if (self->n_agreements == 0)
        refuse (self, "agreement %s to %s: none is in force; nothing was changed", self->referrer,
                self->receiver);
    else
        done (self, "agreement %s to %s: ended; no new referrals; those under way go on",
              self->referrer, self->receiver);
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
    audit_row_t row = audit_row (KASK__AUDIT_KIND__AUDIT_OPERATOR, recipient, subject);
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
    done (self,
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
        refuse (self, "mailbox: no partner %s; nothing was changed; kask partner list shows them",
                self->partner.id);
        return;
    }
    char from[16], subject[200];
    date_write (self->from_ms, from);
    batch_again (intake->batch, partner->no, self->from_ms);
    snprintf (subject, sizeof subject, "%s: given out again what came since %s, uid %u",
              partner->id, from, self->uid);
    audit_row_t row = audit_row (KASK__AUDIT_KIND__AUDIT_OPERATOR, partner, subject);
    batch_audit (intake->batch, &row);
    done (self,
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
    case KIND_PARTNER: decide_partner (self, act); break;
    case KIND_PARTNER_REVOKE: decide_partner_revoke (self, act); break;
    case KIND_ALLOW: decide_allow (self, act); break;
    case KIND_REVOKE: decide_revoke (self, act); break;
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
