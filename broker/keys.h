/*
 * keys - a partner's key statements: what is taken from a hello, and what follows.
 *
 * A statement moves the partner to another connection key; the one before stays good
 * until the first hello over the new one.  So a partner that never heard that its
 * statement was committed gets in all the same, and a key that was replaced
 * is worth nothing as soon as the new one is in use.
 */
#ifndef KASK_KEYS_H
#define KASK_KEYS_H

#include "intake.h"

// May the partner say hello with that statement (NULL: none) over a connection with that
// key?  FAULT_OK; then *keys_p is the statement, unpacked, if something is to be stored
// before the session begins; the caller's.
fault_t keys_may (const registry_t *registry, const partner_t *partner, const uint8_t *curve_key,
                  const Kask__SignedStatement *statement, Kask__KeyStatement **keys_p) KASK_CHECKED;

// The keys that a statement names, into the partner.
void keys_put (partner_t *partner, const Kask__KeyStatement *statement);

// In a batch.  item->fault says if it came too late.
void decide_statement (intake_t *self, item_t *item);
// The batch is committed: brings the registry up to date.  True if the partner's keys
// are others now.
bool statement_committed (const item_t *item, registry_t *registry);

#endif
