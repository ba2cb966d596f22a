/*
 * desk_world - libkask's handle of anton, who has met berta: for tests of what stands on libkask.
 *
 * A file of its own, because the desk's headers and libkask's inner ones share names.
 */
#ifndef KASK_TEST_DESK_WORLD_H
#define KASK_TEST_DESK_WORLD_H

#include "kask.h"

typedef struct desk_world_s desk_world_t;

desk_world_t *desk_world_new (void);
void desk_world_destroy (desk_world_t **self_p);
// Borrowed.
kask_t *desk_world_kask (const desk_world_t *self);

// Berta refers a client to anton: the message is in his inbox.
void desk_world_receive (desk_world_t *self, const char *act, uint8_t referral[16]);
// Berta says something on it.
void desk_world_hear (desk_world_t *self, Kask__Event event, const char *act,
                      const uint8_t referral[16]);
// Anton refers a client to berta; `fault`: the broker refuses it, NULL: it does not.  The answer
// is there.
void desk_world_send (desk_world_t *self, const char *act, const char *fault);
// Berta's offering is in anton's copy of the catalogue.
void desk_world_offer (desk_world_t *self, const char *key);

// What anton's reports told the broker so far: messages done, and dead letters with the text of the
// last.
size_t desk_world_dones (desk_world_t *self);
size_t desk_world_deads (desk_world_t *self);
const char *desk_world_dead_text (const desk_world_t *self);

#endif
