/*
 * file - whole files in an open folder: read, written, moved.
 *
 * Nothing here follows a symbolic link or opens what is not a regular file.
 * A folder is an open descriptor, a name has no slash.
 */
#ifndef KASK_CONNECTOR_FILE_H
#define KASK_CONNECTOR_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

enum { FILE_NAME_BYTES = 256 }; // with its zero byte

// What tells one state of a file from another.
typedef struct {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed_at; // of its content
} file_mark_t;

typedef enum {
    FILE_READ,
    FILE_ABSENT,
    FILE_SPECIAL, // a symbolic link, folder, pipe, socket or device
    FILE_TOO_LARGE,
    FILE_BUSY,      // somebody writes to it, or holds a lock on it
    FILE_UNREADABLE // errno says why
} file_result_t;

bool file_mark (int folder, const char *name, file_mark_t *mark);
bool file_mark_equals (const file_mark_t *a, const file_mark_t *b);

// Reads all of it, `most` bytes at most.  FILE_READ: *bytes_p is malloc'd, never NULL, the
// caller's; *mark (may be NULL) its state.
file_result_t file_read (int folder, const char *name, size_t most, uint8_t **bytes_p,
                         size_t *size_p, file_mark_t *mark) __attribute__ ((warn_unused_result));

// Writes under `name` + `suffix`, syncs, renames, syncs the folder.  What had that name
// is replaced.  0, or an errno; then nothing of it is left, unless it was the folder's sync that
// failed.
int file_write (int folder, const char *name, const char *suffix, const void *bytes, size_t size)
    __attribute__ ((warn_unused_result));

// Moves it to another folder under a name that is free there, which is put into
// `to_name`.  Never replaces a file.  0 or an errno; then it is where it was.
int file_move (int folder, const char *name, int to_folder, char to_name[FILE_NAME_BYTES])
    __attribute__ ((warn_unused_result));

// A name for `name` that is free in that folder, also with `beside` behind it: itself, or with the
// time and, if need be, a count before its extension.
void file_free_name (int folder, const char *name, const char *beside,
                     char free_name[FILE_NAME_BYTES]);

#endif
