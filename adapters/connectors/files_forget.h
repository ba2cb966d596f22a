/*
 * files_forget - deletes what lies in a source's folders of a case whose consent is gone.
 */
#ifndef KASK_CONNECTOR_FILES_FORGET_H
#define KASK_CONNECTOR_FILES_FORGET_H

#include "connectors/files_setup.h"

#include <stdbool.h>

// Deletes in `done` and `refused` of the source's open folder each file that holds the case's id as
// a word, the reason beside it, and in `attachments` (NULL: none) the files that it names.
// False: errno; some of it may be left, and the same again is harmless.
bool files_forget (const files_setup_t *setup, int folder, const char *attachments,
                   const char *case_id);

#endif
