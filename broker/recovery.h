/*
 * recovery - is this database older than what partners have seen of it?
 *
 * A restored database does not know what it lacks: its partners do.  Each hello says up to
 * where the inbox holds its lanes; a position that the database has not reached is a claim.
 * Lanes to a partner with a claim take nothing until an operator has lifted them (kask
 * recover): a sequence that was given before must not be given again, for its
 * recipient would take the new message for the old one.  After the database began another
 * life (restored, promoted, moved) a lane takes nothing before its recipient was heard.
 * Pure; all in memory, and made anew by hello.
 */
#ifndef KASK_RECOVERY_H
#define KASK_RECOVERY_H

#include "fault.h"
#include "kask.pb-c.h"
#include "lane.h"
#include "partner.h"

// The recipient holds the sender's lane up to `position`, the database up to `known`.
typedef struct {
    int recipient;
    int sender;
    int64_t position;
    int64_t known;
} claim_t;

typedef struct recovery_s recovery_t;

recovery_t *recovery_new (void);
void recovery_destroy (recovery_t **self_p);

// The database was loaded for the `loads`-th time; `suspect_from`: as in the table broker.  True if
// sessions that are open must say hello again.
bool recovery_loaded (recovery_t *self, int64_t loads, int64_t suspect_from);
// Hears the partner out.  DATABASE_BEHIND if it holds what the database lacks.
fault_t recovery_hear (recovery_t *self, const partner_t *partner, const Kask__Hello *hello,
                       const registry_t *registry, const lanes_t *lanes) KASK_CHECKED;
// May something be accepted for that recipient?
bool recovery_may_send (const recovery_t *self, int recipient);

bool recovery_is_suspect (const recovery_t *self);
bool recovery_has_heard (const recovery_t *self, int partner);
const claim_t *recovery_claim_at (const recovery_t *self, size_t place); // NULL behind the last
// Everybody was heard and nothing is missing: the suspicion can be dropped.  True once.
bool recovery_is_over (recovery_t *self, const registry_t *registry);

#endif
