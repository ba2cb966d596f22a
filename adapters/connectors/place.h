/*
 * place - a path of a request, held beneath the partner's root folder.
 *
 * Paths come from jq programs, which had them from a partner's data: so each
 * folder on the way is opened by itself, without following links, and nothing
 * can climb out.
 */
#ifndef KASK_CONNECTOR_PLACE_H
#define KASK_CONNECTOR_PLACE_H

#include "connectors/file.h"

enum { PLACE_BYTES = 1000, PLACE_DEPTH = 16 };

typedef struct {
    int folder;                 // open; -1: none
    char name[FILE_NAME_BYTES]; // of the file in it
} place_t;

// Relative, at most PLACE_DEPTH parts of which none is empty, "." or "..", no control characters?
bool place_is_path (const char *path);

// Opens a folder beneath `root`; "" is the root itself.  `make`: the last one is made if missing.
// -1: errno, ENOENT where it is missing.
int place_open_folder (int root, const char *path, bool make);

// Opens the folder of the file at `path`, which place_is_path() approved.
bool place_open (int root, const char *path, bool make_folder, place_t *place)
    __attribute__ ((warn_unused_result));
void place_close (place_t *place);

#endif
