/*
 * upkeep - what an operator sets for a partner: its mailbox and its closing days.
 */
#include "upkeep.h"

#include <stdio.h>
#include <string.h>

enum { SUBJECT_BYTES = 200 };

static void
audit (const intake_t *intake, const upkeep_t *self, unsigned uid, const char *what)
{
    bool is_mailbox = self->kind == UPKEEP_PAUSE || self->kind == UPKEEP_RESUME;
    char subject[SUBJECT_BYTES + 100];
    snprintf (subject, sizeof subject, "%s: %s, uid %u", self->partner, what, uid);
    audit_row_t row = {.counterpart = self->no, .detail = subject};
    kask__audit_entry__init (&row.entry);
    row.entry.kind =
        is_mailbox ? KASK__AUDIT_KIND__AUDIT_OPERATOR : KASK__AUDIT_KIND__AUDIT_CONFIGURATION;
    row.entry.actor = (char *) "operator";
    row.entry.counterpart = (char *) self->partner;
    row.entry.subject = subject;
    batch_audit (intake->batch, &row);
}

// ---------------------------------------------------------------- the mailbox

static bool
decide_pause (const intake_t *intake, upkeep_t *self, const partner_t *partner, char *what)
{
    if (partner->paused_at) {
        snprintf (what, SUBJECT_BYTES, "its mailbox is paused already");
        return false;
    }
    self->paused_at = batch_now (intake->batch);
    batch_pause (intake->batch, self->no, self->paused_at);
    snprintf (what, SUBJECT_BYTES,
              "mailbox paused; messages to it wait, and deadlines of referrals to it stand");
    return true;
}

static bool
decide_resume (const intake_t *intake, upkeep_t *self, const partner_t *partner, char *what)
{
    if (!partner->paused_at) {
        snprintf (what, SUBJECT_BYTES, "its mailbox is not paused");
        return false;
    }
    self->paused_at = 0;
    batch_resume (intake->batch, self->no, partner->paused_at);
    snprintf (what, SUBJECT_BYTES, "mailbox resumed after %lld min; the deadlines are moved by it",
              (long long) (batch_now (intake->batch) - partner->paused_at) / 60000);
    return true;
}

// ---------------------------------------------------------------- closing days

static int32_t
closed_days (const calendar_t *calendar)
{
    int32_t days = 0;
    for (size_t i = 0; i < calendar->n_closings; i++)
        days += calendar->closings[i].last_day - calendar->closings[i].first_day + 1;
    return days;
}

static void
closing_remove (calendar_t *calendar, size_t place)
{
    calendar->closings[place] = calendar->closings[--calendar->n_closings];
}

// What is long over decides no deadline any more.
static void
closings_forget (calendar_t *calendar, int32_t before)
{
    for (size_t i = calendar->n_closings; i-- > 0;)
        if (calendar->closings[i].last_day < before)
            closing_remove (calendar, i);
}

static size_t
closing_find (const calendar_t *calendar, int32_t first_day)
{
    size_t i = 0;
    while (i < calendar->n_closings &&
           !(calendar->closings[i].by_operator && calendar->closings[i].first_day == first_day))
        i++;
    return i;
}

static bool
decide_close (const intake_t *intake, upkeep_t *self, char *what)
{
    enum { REMEMBERED_DAYS = 100 };
    calendar_t *calendar = &self->calendar;
    closings_forget (calendar, calendar_local_day (batch_now (intake->batch)) - REMEMBERED_DAYS);
    size_t place = closing_find (calendar, self->first_day);
    bool is_new = place == calendar->n_closings;
    if (self->last_day < self->first_day || (is_new && place == CALENDAR_CLOSINGS) ||
        self->last_day - self->first_day >= UPKEEP_CLOSED_DAYS) {
        snprintf (what, SUBJECT_BYTES,
                  "these days end before they begin, or are more than %d, or the %dth closing",
                  UPKEEP_CLOSED_DAYS, CALENDAR_CLOSINGS + 1);
        return false;
    }
    calendar->closings[place] = (calendar_closing_t){self->first_day, self->last_day, true};
    calendar->n_closings += is_new;
    if (closed_days (calendar) > UPKEEP_CLOSED_DAYS) {
        snprintf (what, SUBJECT_BYTES, "it would be closed on more than %d days together",
                  UPKEEP_CLOSED_DAYS);
        return false;
    }
    char first[CALENDAR_DAY_BYTES], last[CALENDAR_DAY_BYTES];
    calendar_day_write (self->first_day, first);
    calendar_day_write (self->last_day, last);
    snprintf (what, SUBJECT_BYTES, "closed from %s to %s; deadlines set from now on pass them over",
              first, last);
    return true;
}

static bool
decide_open (upkeep_t *self, char *what)
{
    char first[CALENDAR_DAY_BYTES];
    calendar_day_write (self->first_day, first);
    size_t place = closing_find (&self->calendar, self->first_day);
    if (place == self->calendar.n_closings) {
        snprintf (what, SUBJECT_BYTES,
                  "no operator has set closing days that begin on %s; kask closing list shows them",
                  first);
        return false;
    }
    closing_remove (&self->calendar, place);
    snprintf (what, SUBJECT_BYTES, "no longer closed from %s on; deadlines that are set stay",
              first);
    return true;
}

// ---------------------------------------------------------------- the door

static bool
decide (const intake_t *intake, upkeep_t *self, const partner_t *partner, char *what)
{
    self->calendar = *registry_calendar (intake->registry, self->no);
    switch (self->kind) {
    case UPKEEP_PAUSE: return decide_pause (intake, self, partner, what);
    case UPKEEP_RESUME: return decide_resume (intake, self, partner, what);
    case UPKEEP_CLOSE: return decide_close (intake, self, what);
    case UPKEEP_OPEN: return decide_open (self, what);
    }
    return false;
}

bool
upkeep_decide (const intake_t *intake, upkeep_t *self, unsigned uid, char *text)
{
    const partner_t *partner = registry_find (intake->registry, self->partner);
    if (!partner) {
        snprintf (
            text, UPKEEP_TEXT_BYTES,
            "no partner %s; nothing was changed; kask partner list shows those that are known",
            self->partner);
        return false;
    }
    self->no = partner->no;
    char what[SUBJECT_BYTES];
    bool good = decide (intake, self, partner, what);
    snprintf (text, UPKEEP_TEXT_BYTES, "%s: %s%s", self->partner, what,
              good ? "" : "; nothing was changed");
    if (!good)
        return false;
    if (self->kind == UPKEEP_CLOSE || self->kind == UPKEEP_OPEN)
        batch_closings (intake->batch, self->no, &self->calendar);
    audit (intake, self, uid, what);
    return true;
}

void
upkeep_committed (const upkeep_t *self, registry_t *registry)
{
    if (self->kind == UPKEEP_PAUSE || self->kind == UPKEEP_RESUME)
        registry_pause (registry, self->no, self->paused_at);
    else
        registry_close (registry, self->no, &self->calendar);
}
