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

struct registry_s {
    partner_t **partners; // by number, the catalogue left out
    size_t n_partners;
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
    for (size_t i = 0; i < self->n_partners; i++)
        free (self->partners[i]);
    free (self->partners);
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

void
registry_put (registry_t *self, const partner_t *partner)
{
    if (partner->no == PARTNER_CATALOGUE)
        return;
    for (size_t i = 0; i < self->n_partners; i++)
        if (self->partners[i]->no == partner->no) {
            *self->partners[i] = *partner;
            return;
        }
    self->partners = realloc (self->partners, (self->n_partners + 1) * sizeof (partner_t *));
    partner_t *copy = malloc (sizeof *copy);
    if (!self->partners || !copy)
        abort ();
    *copy = *partner;
    self->partners[self->n_partners++] = copy;
}

const partner_t *
registry_find (const registry_t *self, const char *id)
{
    for (size_t i = 0; i < self->n_partners; i++)
        if (strcmp (self->partners[i]->id, id) == 0)
            return self->partners[i];
    return NULL;
}

const partner_t *
registry_by_no (const registry_t *self, int no)
{
    for (size_t i = 0; i < self->n_partners; i++)
        if (self->partners[i]->no == no)
            return self->partners[i];
    return NULL;
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
    for (size_t i = 0; i < self->n_partners; i++)
        if (partner_has_curve_key (self->partners[i], key))
            return self->partners[i];
    return NULL;
}

const partner_t *
registry_at (const registry_t *self, size_t place)
{
    return place < self->n_partners ? self->partners[place] : NULL;
}

size_t
registry_size (const registry_t *self)
{
    return self->n_partners;
}

int
registry_next_no (const registry_t *self)
{
    int next = PARTNER_CATALOGUE + 1;
    for (size_t i = 0; i < self->n_partners; i++)
        if (self->partners[i]->no >= next)
            next = self->partners[i]->no + 1;
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
registry_may_refer (const registry_t *self, int referrer, int receiver, int64_t at)
{
    for (size_t i = 0; i < self->n_agreements; i++) {
        const agreement_t *a = &self->agreements[i];
        if (a->referrer == referrer && a->receiver == receiver && a->from_at <= at && at < a->to_at)
            return true;
    }
    return false;
}
