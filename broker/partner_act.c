/*
 * partner_act - an operator takes a partner in, with its keys, or revokes them.
 */
#include "partner_act.h"
#include "act.h"
#include "statement.h"

#include <stdio.h>
#include <string.h>

static bool
partner_may (act_t *self, const registry_t *registry, const partner_t *known)
{
    const partner_t *new = &self->partner;
    const partner_t *owner = registry_by_curve_key (registry, new->curve_key);
    if (owner && strcmp (owner->id, new->id) != 0)
        act_refuse (self,
                    "partner %s: its connection key is that of %s; nothing was changed; "
                    "have the partner make keys of its own",
                    new->id, owner->id);
    else if (!known && registry_size (registry) >= LIMIT_PARTNERS)
        act_refuse (self, "partner %s: the broker has its %d partners; nothing was changed",
                    new->id, LIMIT_PARTNERS);
    if (self->refused || !known)
        return !self->refused;
    bool same = partner_succeeds (new, known->identity_key);
    char fingerprint[FINGERPRINT_TEXT_BYTES];
    identity_fingerprint (known->identity_key, fingerprint);
    if (!same && !self->replace)
        act_refuse (self,
                    "partner %s: is known with another identity, fingerprint %s; nothing was "
                    "changed; if the partner says on the telephone that it made new keys, "
                    "repeat with --replace",
                    new->id, fingerprint);
    else if (same && known->revoked_at)
        act_refuse (
            self,
            "partner %s: the keys with the fingerprint %s were revoked; nothing was changed; "
            "have the partner make a new folder (kask-adapter init), and repeat with --replace",
            new->id, fingerprint);
    else if (same && new->statement_number < known->statement_number)
        act_refuse (self,
                    "partner %s: the file's key statement has number %llu, a later one, %llu, "
                    "is known; nothing was changed; have the partner make a new file",
                    new->id, (unsigned long long) new->statement_number,
                    (unsigned long long) known->statement_number);
    return !self->refused;
}

void
partner_act_take (intake_t *intake, act_t *self)
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
    audit_row_t row = act_audit_row (KASK__AUDIT_KIND__AUDIT_KEY, &self->partner, subject);
    batch_audit (intake->batch, &row);
    act_say (self, "partner %s: %s; its fingerprint is %s", self->partner.id, what, fingerprint);
}

void
partner_act_revoke (intake_t *intake, act_t *self)
{
    const partner_t *known = registry_find (intake->registry, self->partner.id);
    if (!known || known->revoked_at) {
        act_refuse (self,
                    "partner %s: %s; nothing was changed; kask partner list shows those that are",
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
    audit_row_t row = act_audit_row (KASK__AUDIT_KIND__AUDIT_KEY, known, subject);
    batch_audit (intake->batch, &row);
    act_say (self,
             "partner %s: its keys are revoked; nothing signed or sent with them counts any more; "
             "neighbours hold what goes there, and what comes from there",
             known->id);
}
