/*
 * arrivals - the files seen in one folder, and which of them is next.
 *
 * Pure: who looks into the folder tells what is there and what time it is.  A file
 * is whole when its size and time of change have stood still for `settle_ms`.
 * Files come in the order of their names (bytes); one that is not whole yet holds back those
 * behind it for `hold_ms`, then they go first.
 */
#ifndef KASK_CONNECTOR_ARRIVALS_H
#define KASK_CONNECTOR_ARRIVALS_H

#include "connectors/file.h"

enum { ARRIVALS_MOST = 10000 }; // files looked at in one folder; the rest when these have gone

typedef struct arrivals_s arrivals_t;

arrivals_t *arrivals_new (int64_t settle_ms, int64_t hold_ms);
void arrivals_destroy (arrivals_t **self_p);

// One look into the folder: begin, see each file, end (what was not seen has gone).
void arrivals_begin (arrivals_t *self);
void arrivals_see (arrivals_t *self, const char *name, const file_mark_t *mark, int64_t now_ms);
void arrivals_end (arrivals_t *self);

// The next whole file, borrowed until the next look; NULL: none.
const char *arrivals_next (arrivals_t *self, int64_t now_ms);
// In how many ms one may become whole; -1: none waits.
int64_t arrivals_wait_ms (const arrivals_t *self, int64_t now_ms);

// It was not whole after all: waits anew.
void arrivals_unsettle (arrivals_t *self, const char *name, int64_t now_ms);
// It is to be passed over until it changes.  True the first time.
bool arrivals_set_aside (arrivals_t *self, const char *name);

#endif
