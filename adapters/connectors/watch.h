/*
 * watch - one descriptor that says: look into the folders.
 *
 * Readable when something was put into a watched folder, and when the time asked
 * for has come.  The second is what counts, for a network drive tells
 * nothing; the first makes it quick.
 */
#ifndef KASK_CONNECTOR_WATCH_H
#define KASK_CONNECTOR_WATCH_H

#include <stdint.h>

typedef struct watch_s watch_t;

// NULL: errno says why.
watch_t *watch_new (void);
// `folder` is open.  Where the file system or the limit of watches forbids it, the timer must do.
void watch_add (watch_t *self, int folder);
int watch_fd (const watch_t *self);
// Forgets what was told, and asks to be woken in `wait_ms` (at least 1).
void watch_rearm (watch_t *self, int64_t wait_ms);
void watch_destroy (watch_t **self_p);

#endif
