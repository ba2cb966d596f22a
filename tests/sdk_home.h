/*
 * sdk_home - a partner's store and keys, for tests of single rooms of the SDK.
 *
 * Lies in the scratch folder; what cannot be done ends the test.
 */
#ifndef KASK_TEST_SDK_HOME_H
#define KASK_TEST_SDK_HOME_H

#include "identity.h"
#include "keyring.h"
#include "scratch.h"

#include <assert.h>

typedef struct {
    store_t *store;
    identity_t me;
    char alarm[600]; // the last one
} home_t;

static kask_error_t home_error;

static inline home_t *
home_new (const char *partner)
{
    home_t *self = calloc (1, sizeof *self);
    assert (self);
    bool good = kask_init (scratch_path (partner), partner, partner, "NO", &home_error);
    self->store = good ? store_open (scratch_path (partner), &home_error) : NULL;
    if (!self->store || !identity_load (self->store, &self->me, &home_error))
        printf ("Bail out! %s\n", home_error.text);
    assert (self->store);
    return self;
}

static inline void
home_destroy (home_t **self_p)
{
    store_destroy (&(*self_p)->store);
    identity_wipe (&(*self_p)->me);
    free (*self_p);
    *self_p = NULL;
}

static inline void
home_begin (home_t *self)
{
    bool good = store_begin (self->store, &home_error);
    assert (good);
}

static inline void
home_commit (home_t *self)
{
    bool good = store_commit (self->store, &home_error);
    if (!good)
        printf ("# %s\n", home_error.text);
    assert (good);
}

static inline void
home_say (void *arg, kask_log_level_t level, const char *text)
{
    home_t *self = arg;
    (void) level;
    snprintf (self->alarm, sizeof self->alarm, "%s", text);
}

// Asks for no row of its own: the store's counts.
static inline int64_t
home_count (home_t *self, const char *sql)
{
    return store_number (self->store, -1, sql, "");
}

// The broker's directory, with one partner in it as `shown` is; NULL: with nobody.
static inline void
home_hear_of (home_t *self, const char *partner, const home_t *shown)
{
    Kask__SignedStatement statement = KASK__SIGNED_STATEMENT__INIT;
    Kask__PartnerInfo info = KASK__PARTNER_INFO__INIT, *infos[] = {&info};
    Kask__Directory directory = KASK__DIRECTORY__INIT;
    const alarm_t alarm = {home_say, self};
    if (shown) {
        statement.statement =
            (ProtobufCBinaryData){shown->me.statement_size, (uint8_t *) shown->me.statement};
        statement.signature = (ProtobufCBinaryData){64, (uint8_t *) shown->me.signature};
        info.partner = info.name = (char *) partner;
        info.country = (char *) "NO";
        info.to_partner = true;
        info.statement = &statement;
        directory.n_partners = 1;
        directory.partners = infos;
    }
    self->alarm[0] = '\0';
    home_begin (self);
    keyring_take (self->store, &directory, &alarm);
    home_commit (self);
}

static inline bool
home_pin (home_t *self, const char *partner, const home_t *other)
{
    char fingerprint[40];
    const alarm_t alarm = {home_say, self};
    identity_fingerprint (other->me.identity_key, fingerprint);
    return keyring_pin (self->store, partner, fingerprint, &alarm, &home_error);
}

#endif
