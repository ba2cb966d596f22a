/*
 * admission - whose a connection is, and whether its key still counts.
 */
#include "admission.h"

#include <string.h>
#include <zmq.h>

void
admission_user (const uint8_t key[PARTNER_KEY_BYTES], char user[ADMISSION_USER_BYTES])
{
    zmq_z85_encode (user, key, PARTNER_KEY_BYTES);
}

static fault_t
key_may (const partner_t *partner)
{
    if (!partner)
        return FAULT_NO_SESSION;
    return partner->revoked_at ? FAULT_KEY_REVOKED : FAULT_OK;
}

fault_t
admission_find (const registry_t *registry, const char *user, uint8_t key[PARTNER_KEY_BYTES],
                const partner_t **partner_p)
{
    *partner_p = NULL;
    if (strlen (user) != ADMISSION_USER_BYTES - 1 || !zmq_z85_decode (key, user))
        return FAULT_NO_SESSION;
    *partner_p = registry_by_curve_key (registry, key);
    return key_may (*partner_p);
}

void
admission_review (const registry_t *registry, sessions_t *sessions)
{
    for (session_t *s = sessions_first (sessions); s; s = s->next) {
        fault_t fault =
            s->is_over ? FAULT_OK : key_may (registry_by_curve_key (registry, s->curve_key));
        if (fault != FAULT_OK)
            session_end (sessions, s, fault);
    }
}
