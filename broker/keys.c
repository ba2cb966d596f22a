/*
 * keys - a partner's key statements: what is taken from a hello, and what follows.
 */
#include "keys.h"
#include "codec.h"
#include "statement.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static bool
same_key (const uint8_t *a, const uint8_t *b)
{
    return memcmp (a, b, PARTNER_KEY_BYTES) == 0;
}

void
keys_put (partner_t *partner, const Kask__KeyStatement *statement)
{
    partner->statement_number = statement->number;
    memcpy (partner->identity_key, statement->identity_key.data, PARTNER_KEY_BYTES);
    memcpy (partner->curve_key, statement->curve_key.data, PARTNER_KEY_BYTES);
    partner->n_former = statement_former (statement, partner->former);
}

// ---------------------------------------------------------------- may it

static bool
is_known (const partner_t *partner, const Kask__SignedStatement *statement)
{
    return statement->statement.len == partner->statement_size &&
           memcmp (statement->statement.data, partner->statement, partner->statement_size) == 0 &&
           memcmp (statement->signature.data, partner->signature, PARTNER_SIGNATURE_BYTES) == 0;
}

static bool
is_next (const registry_t *registry, const partner_t *partner,
         const Kask__SignedStatement *statement, const Kask__KeyStatement *keys)
{
    const partner_t *owner = registry_by_curve_key (registry, keys->curve_key.data);
    partner_t next = *partner;
    keys_put (&next, keys);
    return strcmp (keys->partner, partner->id) == 0 && keys->number > partner->statement_number &&
           partner_succeeds (&next, partner->identity_key) && (!owner || owner == partner) &&
           check_statement (statement->signature.data, next.identity_key, statement->statement.data,
                            statement->statement.len);
}

fault_t
keys_may (const registry_t *registry, const partner_t *partner, const uint8_t *curve_key,
          const Kask__SignedStatement *statement, Kask__KeyStatement **keys_p)
{
    *keys_p = NULL;
    if (!statement)
        return partner->statement_size ? FAULT_OK : FAULT_BAD_STATEMENT;
    bool known = is_known (partner, statement);
    if (known && (same_key (curve_key, partner->curve_before) ||
                  sodium_is_zero (partner->curve_before, PARTNER_KEY_BYTES)))
        return FAULT_OK;
    Kask__KeyStatement *keys;
    if (statement_unpack (statement->statement.data, statement->statement.len, &keys) != FAULT_OK)
        return FAULT_BAD_STATEMENT;
    if (known || is_next (registry, partner, statement, keys)) {
        *keys_p = keys;
        return FAULT_OK;
    }
    kask__key_statement__free_unpacked (keys, NULL);
    return FAULT_BAD_STATEMENT;
}

// ---------------------------------------------------------------- what follows

// Hellos may have come before those in front of them were committed.
static fault_t
still_may (const item_t *item, const partner_t *known)
{
    if (known->revoked_at)
        return FAULT_KEY_REVOKED;
    if (!partner_has_curve_key (known, item->caller->curve_key))
        return FAULT_NO_SESSION;
    return item->keys->number < known->statement_number ? FAULT_BAD_STATEMENT : FAULT_OK;
}

// The partner as it is after that hello.
static partner_t
partner_after (const item_t *item, const partner_t *known)
{
    partner_t partner = *known;
    const Kask__SignedStatement *s = item->command->hello->statement;
    memcpy (partner.statement, s->statement.data, s->statement.len);
    partner.statement_size = s->statement.len;
    memcpy (partner.signature, s->signature.data, sizeof partner.signature);
    keys_put (&partner, item->keys);
    memset (partner.curve_before, 0, PARTNER_KEY_BYTES);
    if (!same_key (item->caller->curve_key, partner.curve_key))
        memcpy (partner.curve_before, item->caller->curve_key, PARTNER_KEY_BYTES);
    return partner;
}

static bool
changes (const partner_t *known, const partner_t *after)
{
    return known->statement_number != after->statement_number ||
           !same_key (known->curve_before, after->curve_before);
}

static void
audit_keys (intake_t *self, const partner_t *known, const partner_t *after)
{
    char subject[160], fingerprint[FINGERPRINT_TEXT_BYTES];
    identity_fingerprint (after->identity_key, fingerprint);
    if (!same_key (known->identity_key, after->identity_key))
        snprintf (subject, sizeof subject,
                  "identity handed over by statement %llu, fingerprint now %s",
                  (unsigned long long) after->statement_number, fingerprint);
    else if (known->statement_number == after->statement_number)
        snprintf (subject, sizeof subject, "connection key before statement %llu is over",
                  (unsigned long long) after->statement_number);
    else
        snprintf (subject, sizeof subject, "keys changed by statement %llu",
                  (unsigned long long) after->statement_number);
    audit_row_t row = {.actor = after->no, .counterpart = -1, .detail = subject};
    kask__audit_entry__init (&row.entry);
    row.entry.kind = KASK__AUDIT_KIND__AUDIT_KEY;
    row.entry.actor = (char *) after->id;
    row.entry.subject = subject;
    batch_audit (self->batch, &row);
}

void
decide_statement (intake_t *self, item_t *item)
{
    const partner_t *known = registry_by_no (self->registry, item->partner);
    item->fault = still_may (item, known);
    if (item->fault != FAULT_OK)
        return;
    const partner_t after = partner_after (item, known);
    if (!changes (known, &after))
        return;
    batch_partner (self->batch, &after);
    audit_keys (self, known, &after);
}

bool
statement_committed (const item_t *item, registry_t *registry)
{
    const partner_t *known = registry_by_no (registry, item->partner);
    if (item->fault != FAULT_OK)
        return false;
    const partner_t after = partner_after (item, known);
    bool changed = changes (known, &after);
    registry_put (registry, &after);
    return changed;
}
