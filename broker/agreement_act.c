/*
 * agreement_act - an operator lets one partner refer to another, or ends that.
 */
#include "agreement_act.h"
#include "act.h"
#include "calendar.h"

#include <assert.h>
#include <stdio.h>

// Puts one agreement into the batch, with its entry.
static void
agree (intake_t *intake, act_t *self, const agreement_t *agreement, const char *what)
{
    assert (self->n_agreements < MAX_ENDED);
    self->agreements[self->n_agreements++] = *agreement;
    batch_agreement (intake->batch, agreement);
    char from[CALENDAR_DAY_BYTES], to[CALENDAR_DAY_BYTES] = "further notice", subject[300];
    calendar_day_write (calendar_local_day (agreement->from_at), from);
    if (agreement->to_at != INT64_MAX)
        calendar_day_write (calendar_local_day (agreement->to_at), to);
    snprintf (subject, sizeof subject, "%s %s to %s, from %s until %s, uid %u", what,
              self->referrer, self->receiver, from, to, self->uid);
    const partner_t *receiver = registry_by_no (intake->registry, agreement->receiver);
    audit_row_t row = act_audit_row (KASK__AUDIT_KIND__AUDIT_AGREEMENT, receiver, subject);
    batch_audit (intake->batch, &row);
}

// The numbers of the two; false if one is not known, and the act is refused.
static bool
parties_find (const intake_t *intake, act_t *self, agreement_t *agreement)
{
    const partner_t *referrer = registry_find (intake->registry, self->referrer);
    const partner_t *receiver = registry_find (intake->registry, self->receiver);
    if (!referrer || !receiver) {
        act_refuse (self,
                    "agreement: no partner %s; nothing was changed; kask partner list shows "
                    "those that are known",
                    referrer ? self->receiver : self->referrer);
        return false;
    }
    if (referrer == receiver) {
        act_refuse (self, "agreement: %s cannot refer to itself; nothing was changed",
                    self->referrer);
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

void
agreement_act_allow (intake_t *intake, act_t *self)
{
    agreement_t wanted;
    if (!parties_find (intake, self, &wanted))
        return;
    wanted.from_at = self->from_ms ? self->from_ms : batch_now (intake->batch);
    wanted.to_at = self->to_ms;
    if (wanted.to_at <= wanted.from_at || wanted.to_at <= batch_now (intake->batch)) {
        act_refuse (self,
                    "agreement %s to %s: it would end before it begins, or has ended already; "
                    "nothing was changed; give another --to",
                    self->referrer, self->receiver);
        return;
    }
    const agreement_t *known = agreement_at (intake->registry, &wanted, wanted.from_at);
    if (known && known->to_at == wanted.to_at) {
        act_say (self, "agreement %s to %s: was in force already; nothing was changed",
                 self->referrer, self->receiver);
        return;
    }
    if (known)
        wanted.from_at = known->from_at;
    agree (intake, self, &wanted, known ? "end changed:" : "allowed:");
    act_say (self, "agreement %s to %s: %s", self->referrer, self->receiver,
             known ? "its end was changed" : "added");
}

void
agreement_act_revoke (intake_t *intake, act_t *self)
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
        act_refuse (self, "agreement %s to %s: none is in force; nothing was changed",
                    self->referrer, self->receiver);
    else
        act_say (self, "agreement %s to %s: ended; no new referrals; those under way go on",
                 self->referrer, self->receiver);
}
