/*
 * partner - who takes part: the registry of partners and their agreements.
 *
 * Partners are few and are looked up by name a few times a message: a list
 * sorted by number, and a search through it, is enough.
 */
#include "partner.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    partner_t partner;
    calendar_t calendar;
} member_t;

struct registry_s {
    member_t **members; // in the order they came, the catalogue left out
    size_t n_members;
    agreement_t *agreements;
    size_t n_agreements;
};

registry_t *
registry_new (void)
{
    registry_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    return self;
}

void
registry_clear (registry_t *self)
{
    for (size_t i = 0; i < self->n_members; i++)
        free (self->members[i]);
    free (self->members);
    free (self->agreements);
    *self = (registry_t){0};
}

void
registry_destroy (registry_t **self_p)
{
    if (!*self_p)
        return;
    registry_clear (*self_p);
    free (*self_p);
    *self_p = NULL;
}

static member_t *
member_find (const registry_t *self, int no)
{
    for (size_t i = 0; i < self->n_members; i++)
        if (self->members[i]->partner.no == no)
            return self->members[i];
    return NULL;
}

static member_t *
member_add (registry_t *self)
{
    self->members = realloc (self->members, (self->n_members + 1) * sizeof (member_t *));
    member_t *member = calloc (1, sizeof *member);
    if (!self->members || !member)
        abort ();
    self->members[self->n_members++] = member;
    return member;
}

void
registry_put (registry_t *self, const partner_t *partner)
{
    if (partner->no == PARTNER_CATALOGUE)
        return;
    member_t *member = member_find (self, partner->no);
    bool is_new = !member;
    if (is_new)
        member = member_add (self);
    int64_t paused_at = member->partner.paused_at;
    member->partner = *partner;
    if (!is_new) // that is registry_pause's
        member->partner.paused_at = paused_at;
    member->calendar.country = calendar_country_find (partner->country);
}

const calendar_t *
registry_calendar (const registry_t *self, int no)
{
    return &member_find (self, no)->calendar;
}

void
registry_close (registry_t *self, int no, const calendar_t *closings)
{
    member_t *member = member_find (self, no);
    if (!member)
        return;
    member->calendar = *closings;
    member->calendar.country = calendar_country_find (member->partner.country);
}

void
registry_pause (registry_t *self, int no, int64_t paused_at)
{
    member_t *member = member_find (self, no);
    if (member)
        member->partner.paused_at = paused_at;
}

const partner_t *
registry_find (const registry_t *self, const char *id)
{
    for (size_t i = 0; i < self->n_members; i++)
        if (strcmp (self->members[i]->partner.id, id) == 0)
            return &self->members[i]->partner;
    return NULL;
}

const partner_t *
registry_by_no (const registry_t *self, int no)
{
    const member_t *member = member_find (self, no);
    return member ? &member->partner : NULL;
}

const uint8_t *
partner_identity_at (const partner_t *self, size_t place)
{
    if (place == 0)
        return self->identity_key;
    return place <= self->n_former ? self->former[place - 1] : NULL;
}

bool
partner_succeeds (const partner_t *self, const uint8_t *identity_key)
{
    const uint8_t *key;
    for (size_t i = 0; (key = partner_identity_at (self, i)); i++)
        if (memcmp (key, identity_key, PARTNER_KEY_BYTES) == 0)
            return true;
    return false;
}

bool
partner_has_curve_key (const partner_t *self, const uint8_t *key)
{
    return !sodium_is_zero (key, PARTNER_KEY_BYTES) &&
           (memcmp (self->curve_key, key, PARTNER_KEY_BYTES) == 0 ||
            memcmp (self->curve_before, key, PARTNER_KEY_BYTES) == 0);
}

const partner_t *
registry_by_curve_key (const registry_t *self, const uint8_t *key)
{
    for (size_t i = 0; i < self->n_members; i++)
        if (partner_has_curve_key (&self->members[i]->partner, key))
            return &self->members[i]->partner;
    return NULL;
}

const partner_t *
registry_at (const registry_t *self, size_t place)
{
    return place < self->n_members ? &self->members[place]->partner : NULL;
}

size_t
registry_size (const registry_t *self)
{
    return self->n_members;
}

int
registry_next_no (const registry_t *self)
{
    int next = PARTNER_CATALOGUE + 1;
    for (size_t i = 0; i < self->n_members; i++)
        if (self->members[i]->partner.no >= next)
            next = self->members[i]->partner.no + 1;
    return next;
}

void
registry_agree (registry_t *self, const agreement_t *agreement)
{
    for (size_t i = 0; i < self->n_agreements; i++) {
        agreement_t *known = &self->agreements[i];
        if (known->referrer == agreement->referrer && known->receiver == agreement->receiver &&
            known->from_at == agreement->from_at) {
            *known = *agreement;
            return;
        }
    }
    self->agreements =
        realloc (self->agreements, (self->n_agreements + 1) * sizeof *self->agreements);
    if (!self->agreements)
        abort ();
    self->agreements[self->n_agreements++] = *agreement;
}

const agreement_t *
registry_agreement_at (const registry_t *self, size_t place)
{
    return place < self->n_agreements ? &self->agreements[place] : NULL;
}

bool
registry_agreements_turn (const registry_t *self, int64_t since, int64_t until)
{
    for (size_t i = 0; i < self->n_agreements; i++) {
        const agreement_t *a = &self->agreements[i];
        if ((since < a->from_at && a->from_at <= until) || (since < a->to_at && a->to_at <= until))
            return true;
    }
    return false;
}

bool
registry_may_refer (const registry_t *self, int referrer, int receiver, int64_t at)
{
    for (size_t i = 0; i < self->n_agreements; i++) {
        const agreement_t *a = &self->agreements[i];
        if (a->referrer == referrer && a->receiver == receiver && a->from_at <= at && at < a->to_at)
            return true;
    }
    return false;
}
