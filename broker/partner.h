/*
 * partner - who takes part: the registry of partners and their agreements.
 *
 * Held in memory whole (at most LIMIT_PARTNERS), loaded from the database
 * and changed after a commit.  Pointers to partners stay valid until the
 * registry is cleared.
 */
#ifndef KASK_PARTNER_H
#define KASK_PARTNER_H

#include "calendar.h"
#include "limit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PARTNER_KEY_BYTES = 32,
    PARTNER_CATALOGUE = 0, // number of the pseudo-partner that offerings go to
    PARTNER_SIGNATURE_BYTES = 64
};

typedef struct {
    int no;
    char id[LIMIT_PARTNER_NAME + 1]; // "erhvervshus-nord"
    char name[LIMIT_SHORT_TEXT_BYTES + 1];
    char country[3];
    uint8_t identity_key[PARTNER_KEY_BYTES];
    uint8_t former[LIMIT_SUCCESSIONS][PARTNER_KEY_BYTES]; // that handed over to it, newest first
    size_t n_former;
    uint8_t curve_key[PARTNER_KEY_BYTES];     // of its newest statement
    uint8_t curve_before[PARTNER_KEY_BYTES];  // still good; all zero: none
    uint8_t statement[LIMIT_STATEMENT_BYTES]; // as signed
    size_t statement_size;
    uint8_t signature[PARTNER_SIGNATURE_BYTES];
    uint64_t statement_number;
    int64_t revoked_at; // ms; since then no key of it counts; 0: they count
    int64_t paused_at;  // ms; since then its mailbox gives out nothing but REVOKEs; 0: all
} partner_t;

typedef struct {
    int referrer;
    int receiver;
    int64_t from_at;
    int64_t to_at; // INT64_MAX: until further notice
} agreement_t;

typedef struct registry_s registry_t;

registry_t *registry_new (void);
void registry_destroy (registry_t **self_p);
void registry_clear (registry_t *self);

// Copies `partner` in, over one of the same number.
void registry_put (registry_t *self, const partner_t *partner);
const partner_t *registry_find (const registry_t *self, const char *id);
const partner_t *registry_by_no (const registry_t *self, int no);
// Whose connection key it is, the one before included; a revoked partner's, too.
const partner_t *registry_by_curve_key (const registry_t *self, const uint8_t *key);
// The keys whose signature counts as the partner's, the present one first; NULL behind the last.
const uint8_t *partner_identity_at (const partner_t *self, size_t place);
bool partner_succeeds (const partner_t *self, const uint8_t *identity_key); // or is it
bool partner_has_curve_key (const partner_t *self, const uint8_t *key);
// In the order of their numbers; NULL behind the last.  The catalogue is not among them.
const partner_t *registry_at (const registry_t *self, size_t place);
int registry_next_no (const registry_t *self);
size_t registry_size (const registry_t *self);

// The partner's working days; borrowed until they are set anew.
const calendar_t *registry_calendar (const registry_t *self, int no);
// Its closing days; the country stays the partner's.
void registry_close (registry_t *self, int no, const calendar_t *closings);
void registry_pause (registry_t *self, int no, int64_t paused_at);

// Agreements: add one, or set the end of one with the same parties and start.
void registry_agree (registry_t *self, const agreement_t *agreement);
// In the order in which they were added; NULL behind the last.
const agreement_t *registry_agreement_at (const registry_t *self, size_t place);
// Does one begin or end behind `since`, at `until` at the latest?
bool registry_agreements_turn (const registry_t *self, int64_t since, int64_t until);
// May `referrer` send a new referral to `receiver` at that time?
bool registry_may_refer (const registry_t *self, int referrer, int receiver, int64_t at);

#endif
