/*
 * admission - whose a connection is, and whether its key still counts.
 *
 * The ZAP handler gives each connection its own public key as User-Id.  Who speaks is
 * looked up anew for every message, so a key that was replaced or revoked
 * is worth nothing from the commit on, whatever was open before.
 */
#ifndef KASK_ADMISSION_H
#define KASK_ADMISSION_H

#include "fault.h"
#include "partner.h"
#include "session.h"

enum { ADMISSION_USER_BYTES = 41 }; // a key in Z85

void admission_user (const uint8_t key[PARTNER_KEY_BYTES], char user[ADMISSION_USER_BYTES]);

// Whose key the User-Id is: *partner_p, and the key in `key`.  NO_SESSION if it is
// nobody's now, KEY_REVOKED if it is that of a partner whose keys were revoked.
fault_t admission_find (const registry_t *registry, const char *user,
                        uint8_t key[PARTNER_KEY_BYTES], const partner_t **partner_p) KASK_CHECKED;

// Ends the sessions whose key counts no longer.
void admission_review (const registry_t *registry, sessions_t *sessions);

#endif
