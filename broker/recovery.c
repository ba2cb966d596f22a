/*
 * recovery - is this database older than what partners have seen of it?
 */
#include "recovery.h"
#include "log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct recovery_s {
    int64_t loads; // of the database
    bool is_suspect;
    bool heard[LIMIT_PARTNERS + 1];
    claim_t *claims;
    size_t n_claims;
};

recovery_t *
recovery_new (void)
{
    recovery_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    return self;
}

void
recovery_destroy (recovery_t **self_p)
{
    if (!*self_p)
        return;
    free ((*self_p)->claims);
    free (*self_p);
    *self_p = NULL;
}

bool
recovery_loaded (recovery_t *self, int64_t loads, int64_t suspect_from)
{
    if (loads == self->loads)
        return false;
    free (self->claims);
    *self = (recovery_t){.loads = loads, .is_suspect = suspect_from != 0};
    if (self->is_suspect)
        log_warning ("recovery: the database began another life (restored, promoted or moved); "
                     "messages to a partner are taken when it has said hello; kask recover tells "
                     "who is missing");
    return self->is_suspect;
}

// ---------------------------------------------------------------- claims

static void
claims_drop (recovery_t *self, int recipient)
{
    size_t kept = 0;
    for (size_t i = 0; i < self->n_claims; i++)
        if (self->claims[i].recipient != recipient)
            self->claims[kept++] = self->claims[i];
    self->n_claims = kept;
}

static void
claim (recovery_t *self, const partner_t *partner, const partner_t *sender, int64_t position,
       int64_t known)
{
    self->claims = realloc (self->claims, (self->n_claims + 1) * sizeof *self->claims);
    if (!self->claims)
        abort ();
    self->claims[self->n_claims++] = (claim_t){partner->no, sender->no, position, known};
    log_error ("recovery: the database is older than what a partner has seen partner=%s sender=%s "
               "holds=%" PRId64 " database=%" PRId64 "; nothing is taken for it and it has no "
               "session; kask recover tells what to do",
               partner->id, sender->id, position, known);
}

fault_t
recovery_hear (recovery_t *self, const partner_t *partner, const Kask__Hello *hello,
               const registry_t *registry, const lanes_t *lanes)
{
    claims_drop (self, partner->no);
    size_t before = self->n_claims;
    for (size_t i = 0; i < hello->n_positions; i++) {
        const partner_t *sender = registry_find (registry, hello->positions[i]->sender);
        if (!sender)
            continue;
        const lane_t *lane = lanes_find (lanes, partner->no, sender->no);
        int64_t known = lane ? lane->committed.next_sequence - 1 : 0;
        int64_t position = (int64_t) hello->positions[i]->sequence;
        if (position > known)
            claim (self, partner, sender, position, known);
    }
    self->heard[partner->no] = true;
    return self->n_claims > before ? FAULT_DATABASE_BEHIND : FAULT_OK;
}

bool
recovery_may_send (const recovery_t *self, int recipient)
{
    if (recipient == PARTNER_CATALOGUE)
        return true;
    for (size_t i = 0; i < self->n_claims; i++)
        if (self->claims[i].recipient == recipient)
            return false;
    return !self->is_suspect || self->heard[recipient];
}

bool
recovery_is_suspect (const recovery_t *self)
{
    return self->is_suspect;
}

bool
recovery_has_heard (const recovery_t *self, int partner)
{
    return self->heard[partner];
}

const claim_t *
recovery_claim_at (const recovery_t *self, size_t place)
{
    return place < self->n_claims ? &self->claims[place] : NULL;
}

bool
recovery_is_over (recovery_t *self, const registry_t *registry)
{
    if (!self->is_suspect || self->n_claims)
        return false;
    for (size_t i = 0; i < registry_size (registry); i++) {
        const partner_t *partner = registry_at (registry, i);
        if (!partner->revoked_at && !self->heard[partner->no])
            return false;
    }
    self->is_suspect = false;
    return true;
}
