/*
 * greeting - Hello and Welcome, and the directory of partners.
 */
#ifndef KASK_GREETING_H
#define KASK_GREETING_H

#include "clock.h"
#include "session.h"
#include "store.h"

// What a hello is judged by; borrowed.
typedef struct {
    store_t *store;
    sessions_t *sessions;
    broker_clock_t *clock;
} greeting_t;

// May this partner have a session, as far as the broker goes?  FAULT_OK, or why not.
fault_t greeting_may (const greeting_t *self, int partner, const Kask__Hello *hello) KASK_CHECKED;
// Says Welcome.
void greeting_welcome (const greeting_t *self, session_t *session, const Kask__Hello *hello);
// Sends the directory to everybody: it changed.
void greeting_push_directory (const greeting_t *self);

#endif
