/*
 * files_forget - deletes what lies in a source's folders of a case whose consent is gone.
 *
 * A system's files say which case they are about, so they are searched for its id, whatever their
 * format; ids are ASCII in every encoding that systems write such files in.  An attachment's
 * name may be written in another encoding inside a file than in its folder: the ASCII
 * it begins with decides.  Rather a copy too many is deleted than one too few.
 */
#include "connectors/files_forget.h"

#include "connectors/file.h"
#include "connectors/place.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SHORTEST_NAME = 8 }; // fewer characters in ASCII tell no attachment from another

typedef struct {
    const files_setup_t *setup;
    int attachments; // open folder; -1: none
    const char *case_id;
} forget_t;

typedef bool (visit_fn) (const forget_t *self, int folder, const char *name, const void *arg);

typedef struct {
    const uint8_t *bytes;
    size_t size;
} text_t;

static bool
is_of_a_word (const text_t *text, size_t at)
{
    return at < text->size && isalnum (text->bytes[at]);
}

static bool
holds_word (const text_t *text, const char *word)
{
    size_t size = strlen (word);
    const uint8_t *from = text->bytes, *end = text->bytes + text->size;
    const uint8_t *found;
    while ((found = memmem (from, (size_t) (end - from), word, size))) {
        size_t at = (size_t) (found - text->bytes);
        if (!(at > 0 && is_of_a_word (text, at - 1)) && !is_of_a_word (text, at + size))
            return true;
        from = found + 1;
    }
    return false;
}

// Stops at the first that `visit` could not deal with.
static bool
each_file (const forget_t *self, int folder, visit_fn *visit, const void *arg)
{
    int copy = openat (folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy >= 0 ? fdopendir (copy) : NULL;
    bool good = list != NULL;
    if (!list)
        return false;
    for (struct dirent *entry; good && (entry = readdir (list));)
        if (entry->d_name[0] != '.')
            good = visit (self, folder, entry->d_name, arg);
    int error = errno;
    closedir (list);
    errno = error;
    return good;
}

static bool
delete_file (int folder, const char *name)
{
    return unlinkat (folder, name, 0) == 0 || errno == ENOENT;
}

static bool
delete_if_named (const forget_t *self, int folder, const char *name, const void *arg)
{
    const text_t *text = arg;
    size_t size = 0;
    (void) self;
    while (name[size] > 0 && name[size] < 127)
        size++;
    bool is_named = (!name[size] || size >= SHORTEST_NAME) &&
                    memmem (text->bytes, text->size, name, size) != NULL;
    return !is_named || delete_file (folder, name);
}

static bool
delete_with_reason (int folder, const char *name)
{
    char reason[FILE_NAME_BYTES + sizeof ".reason.txt"];
    snprintf (reason, sizeof reason, "%s.reason.txt", name);
    return delete_file (folder, reason) && delete_file (folder, name);
}

static bool
delete_if_of_case (const forget_t *self, int folder, const char *name, const void *arg)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    (void) arg;
    file_result_t result = file_read (folder, name, self->setup->most_bytes, &bytes, &size, NULL);
    text_t text = {bytes, size};
    bool good = result != FILE_BUSY && result != FILE_UNREADABLE;
    if (result == FILE_READ && holds_word (&text, self->case_id))
        good = (self->attachments < 0 ||
                each_file (self, self->attachments, delete_if_named, &text)) &&
               delete_with_reason (folder, name);
    free (bytes);
    return good;
}

static bool
forget_in (const forget_t *self, int folder, const char *where)
{
    int place = place_open_folder (folder, where, false);
    if (place < 0)
        return errno == ENOENT;
    bool good = each_file (self, place, delete_if_of_case, NULL);
    int error = errno;
    close (place);
    errno = error;
    return good;
}

bool
files_forget (const files_setup_t *setup, int folder, const char *attachments, const char *case_id)
{
    forget_t self = {.setup = setup, .attachments = -1, .case_id = case_id};
    if (attachments)
        self.attachments = place_open_folder (folder, attachments, false);
    bool good = forget_in (&self, folder, setup->done) && forget_in (&self, folder, setup->refused);
    int error = errno;
    if (self.attachments >= 0)
        close (self.attachments);
    errno = error;
    return good;
}
