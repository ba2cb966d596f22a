/*
 * files_source - a watched folder: its files one after the other, each moved away when its
 * acts are stored.
 *
 * Keeps nothing on disk but the files themselves: one that is still in the folder after
 * a crash is found again, and its acts have the same ids as before.
 */
#ifndef KASK_CONNECTOR_FILES_SOURCE_H
#define KASK_CONNECTOR_FILES_SOURCE_H

#include "connector.h"
#include "connectors/files_setup.h"
#include "connectors/watch.h"

typedef struct files_source_s files_source_t;

// `section` is "source NAME", borrowed from the settings like `setup`.  NULL: the problem.
files_source_t *files_source_new (const files_setup_t *setup, const char *section,
                                  problem_t *problem);
void files_source_destroy (files_source_t **self_p);

const char *files_source_name (const files_source_t *self);

// Looks into the folder.  False: it cannot be read; the problem.
bool files_source_look (files_source_t *self, watch_t *watch, problem_t *problem);
// In how many ms a file may become whole; -1: none waits.
int64_t files_source_wait_ms (const files_source_t *self);

// The next whole file.  `delivery` stays valid until it is settled or the next call.
bool files_source_next (files_source_t *self, delivery_t *delivery);
// Deletes what is kept of a case.  False: the problem.
bool files_source_forget (files_source_t *self, const char *case_id, problem_t *problem);
// Moves the file of the last delivery away, unless another one has its name by now.
void files_source_settle (files_source_t *self, const char *reason);

#endif
