/*
 * greeting - Hello and Welcome, and the directory of partners.
 */
#ifndef KASK_GREETING_H
#define KASK_GREETING_H

#include "clock.h"
#include "item.h"
#include "session.h"
#include "store.h"

// What a hello is judged by; borrowed.
typedef struct {
    store_t *store;
    sessions_t *sessions;
    broker_clock_t *clock;
} greeting_t;

// May the partner have a session?  FAULT_OK, or why not.  *item_p is then the
// partner's newer keys that are to be stored, or NULL; the caller's.
fault_t greeting_may (const greeting_t *self, const partner_t *partner, const Kask__Hello *hello,
                      item_t **item_p) KASK_CHECKED;
// Says Welcome.
void greeting_welcome (const greeting_t *self, session_t *session);
// Sends the directory to everybody: it changed.
void greeting_push_directory (const greeting_t *self);

#endif
