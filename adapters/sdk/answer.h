/*
 * answer - what the broker said to messages, until the program has noted it.
 */
#ifndef KASK_SDK_ANSWER_H
#define KASK_SDK_ANSWER_H

#include "store.h"

typedef struct answers_s answers_t;

answers_t *answers_new (store_t *store);
// Frees answers that the program has not given back, too.
void answers_destroy (answers_t **self_p);
// The program's transaction was undone: what was noted in it is there again.
void answers_forget (answers_t *self);

// The next that was not given yet; NULL if none.
kask_answer_t *answers_next (answers_t *self);
// On false it is still the caller's.
bool answers_noted (answers_t *self, kask_answer_t **answer_p, kask_error_t *error) KASK_CHECK;

#endif
