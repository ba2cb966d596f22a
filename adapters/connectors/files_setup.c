/*
 * files_setup - what the parts of the files connector share.
 */
#include "connectors/files_setup.h"

#include "format_setup.h"
#include "formats/format.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

int
files_open_root (const files_setup_t *self, problem_t *problem)
{
    int fd = open (self->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        return fd;
    problem_set (problem, PROBLEM_FILE, "root",
                 "mount the drive, or correct [files] root; it is tried again",
                 "the partner's folder cannot be opened (%s): nothing was read or written",
                 strerror (errno));
    problem_at (problem, self->root, 0, NULL);
    return -1;
}

int64_t
files_now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

jv
files_problem (const problem_t *problem)
{
    static const char *const scopes[] = {"", "record", "file", "setup"};
    jv object = jv_object ();
    object = jv_object_set (object, jv_string ("scope"), jv_string (scopes[problem->scope]));
    object = jv_object_set (object, jv_string ("field"), jv_string (problem->field));
    object = jv_object_set (object, jv_string ("what"), jv_string (problem->what));
    object = jv_object_set (object, jv_string ("todo"), jv_string (problem->todo));
    object = jv_object_set (object, jv_string ("line"), jv_number ((double) problem->line));
    return jv_object_set (object, jv_string ("path"), jv_string (problem->path));
}

typedef struct {
    jv list;
    problem_t first;
} collection_t;

static bool
collect (void *arg, jv record, const format_place_t *place, const problem_t *problem)
{
    collection_t *self = arg;
    jv item = jv_object_set (jv_object (), jv_string ("line"), jv_number ((double) place->line));
    if (problem) {
        jv_free (record);
        item = jv_object_set (item, jv_string ("problem"), files_problem (problem));
        if (self->first.scope == PROBLEM_NONE)
            self->first = *problem;
    } else
        item = jv_object_set (item, jv_string ("record"), record);
    self->list = jv_array_append (self->list, item);
    return true;
}

// Nothing could be read for want of a format: one problem, of the whole file.
static void
collect_setup (collection_t *self)
{
    jv item = jv_object_set (jv_object (), jv_string ("problem"), files_problem (&self->first));
    self->list =
        jv_array_append (self->list, jv_object_set (item, jv_string ("line"), jv_number (0)));
}

jv
files_records (const files_setup_t *self, const char *format, const char *name, const void *bytes,
               size_t size, bool *whole_p, problem_t *first)
{
    collection_t collection = {.list = jv_array (), .first = {.scope = PROBLEM_NONE}};
    format_input_t input = {name, bytes, size};
    format_setup_t setup;
    *whole_p = false;
    if (!format_setup (&setup, self->settings, format, &collection.first))
        collect_setup (&collection);
    else {
        *whole_p =
            format_read (setup.type, setup.options, &input, 1, collect, &collection, NULL, NULL);
        format_setup_clear (&setup);
    }
    *first = collection.first;
    return collection.list;
}
