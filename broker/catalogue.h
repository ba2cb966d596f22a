/*
 * catalogue - what changed among the offerings, read by cursor.
 *
 * A Pull is answered from the database with the records behind its cursor,
 * in the order of commits; with nothing new it waits, one a session.
 */
#ifndef KASK_CATALOGUE_H
#define KASK_CATALOGUE_H

#include "session.h"
#include "store.h"

typedef struct catalogue_s catalogue_t;

// Both borrowed.
catalogue_t *catalogue_new (store_t *store, sessions_t *sessions);
void catalogue_destroy (catalogue_t **self_p);

void catalogue_pull (catalogue_t *self, session_t *session, const Kask__Pull *pull);
// A turn is committed, or the database is back: answers those who wait, if there is something.
void catalogue_changed (catalogue_t *self);

#endif
