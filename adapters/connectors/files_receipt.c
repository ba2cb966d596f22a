/*
 * files_receipt - waiting for what a system says about a file that it was given.
 *
 * A receipt is whole when the file it speaks of has left its place and the receipt stood still from
 * one look to the next, or when it stood still for the settle time.
 */
#include "connectors/files_receipt.h"

#include "connectors/place.h"
#include "formats/text.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_LOOK_MS = 20, LAST_LOOK_MS = 500, REASON_BYTES = 64 * 1024 };

// The receipt as last seen.
typedef struct {
    const char *path; // NULL: none yet
    file_mark_t mark;
    int64_t still_ms;
} sight_t;

static bool
look_at (int root, const char *path, file_mark_t *mark)
{
    place_t place;
    if (!path || !place_open (root, path, false, &place))
        return false;
    bool found = file_mark (place.folder, place.name, mark);
    place_close (&place);
    return found;
}

bool
files_receipt_is_under_way (const files_receipt_t *self, int root)
{
    file_mark_t mark;
    // The system writes the receipt before it moves the file, so the file is
    // looked for first: one that leaves meanwhile has left a receipt.
    return look_at (root, self->file, &mark) || look_at (root, self->done, &mark) ||
           look_at (root, self->refused, &mark);
}

static bool
is_whole (const files_receipt_t *self, const files_setup_t *setup, int root, sight_t *sight)
{
    file_mark_t mark, file;
    int64_t now_ms = files_now_ms ();
    const char *path = look_at (root, self->refused, &mark) ? self->refused
                       : look_at (root, self->done, &mark)  ? self->done
                                                            : NULL;
    bool still = path && path == sight->path && file_mark_equals (&mark, &sight->mark);
    if (!still) {
        *sight = (sight_t){.path = path, .still_ms = now_ms};
        if (path)
            sight->mark = mark;
        return false;
    }
    return now_ms - sight->still_ms >= setup->settle_ms || !look_at (root, self->file, &file);
}

// ---- what it says

static jv
text_of (const uint8_t *bytes, size_t size)
{
    format_buffer_t text = {0};
    problem_t problem;
    format_buffer_puts (&text, "");
    jv value = text_decode ("auto", (const char *) bytes, size, &text, &problem)
                   ? jv_string_sized (text.bytes, (int) text.size)
                   : jv_string ("(not a text)");
    format_buffer_clear (&text);
    return value;
}

// Takes the items of files_records(); leaves the records alone.
static jv
records_of (jv items)
{
    jv records = jv_array ();
    int n = jv_array_length (jv_copy (items));
    for (int i = 0; i < n; i++) {
        jv item = jv_array_get (jv_copy (items), i);
        records = jv_array_append (records, jv_object_get (item, jv_string ("record")));
    }
    jv_free (items);
    return records;
}

static bool
read_done (const files_receipt_t *self, const files_setup_t *setup, const uint8_t *bytes,
           size_t size, jv *response, problem_t *problem)
{
    problem_t first;
    bool whole;
    jv items = files_records (setup, self->format, self->done, bytes, size, &whole, &first);
    if (!whole || first.scope != PROBLEM_NONE) {
        jv_free (items);
        if (problem)
            *problem = first;
        return false;
    }
    *response = jv_object_set (jv_object (), jv_string ("receipt"), records_of (items));
    *response = jv_object_set (*response, jv_string ("refused"), jv_false ());
    return true;
}

static void
read_refused (const uint8_t *bytes, size_t size, jv *response)
{
    *response = jv_object_set (jv_object (), jv_string ("text"), text_of (bytes, size));
    *response = jv_object_set (*response, jv_string ("refused"), jv_true ());
}

static bool
read_receipt (const files_receipt_t *self, const files_setup_t *setup, int root, const char *path,
              jv *response, problem_t *problem)
{
    place_t place;
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (!place_open (root, path, false, &place))
        return false;
    size_t most = path == self->refused ? REASON_BYTES : setup->most_bytes;
    file_result_t result = file_read (place.folder, place.name, most, &bytes, &size, NULL);
    place_close (&place);
    bool good = result == FILE_READ;
    if (result == FILE_TOO_LARGE)
        problem_set (problem, PROBLEM_FILE, "", "look at the receipt", "larger than %zu bytes",
                     most);
    else if (result == FILE_UNREADABLE)
        problem_set (problem, PROBLEM_FILE, "", "mend its permissions", "cannot be read: %s",
                     strerror (errno));
    if (good && path == self->refused)
        read_refused (bytes, size, response);
    else if (good)
        good = read_done (self, setup, bytes, size, response, problem);
    free (bytes);
    return good;
}

// ---- waiting

static connector_result_t
give_up (const files_receipt_t *self, const problem_t *reading, problem_t *problem)
{
    if (reading->scope == PROBLEM_NONE) {
        problem_set (problem, PROBLEM_FILE, "receipt",
                     "see whether the partner's system runs and reads this folder; the receipt is "
                     "waited for again",
                     "written, but there is no receipt yet; it is not written again");
        problem_at (problem, self->file, 0, NULL);
    } else if (problem) {
        *problem = *reading;
        problem->scope = PROBLEM_FILE;
        problem_at (problem,
                    problem->source[0] ? NULL
                    : self->done       ? self->done
                                       : self->refused,
                    0, NULL);
    }
    return CONNECTOR_LATER;
}

connector_result_t
files_receipt_wait (const files_receipt_t *self, const files_setup_t *setup, int root, jv *response,
                    problem_t *problem)
{
    problem_t reading = {.scope = PROBLEM_NONE};
    sight_t sight = {.path = NULL};
    int64_t until_ms = files_now_ms () + setup->receipt_wait_ms;
    for (int look_ms = FIRST_LOOK_MS;;
         look_ms = look_ms < LAST_LOOK_MS ? 2 * look_ms : LAST_LOOK_MS) {
        if (is_whole (self, setup, root, &sight) &&
            read_receipt (self, setup, root, sight.path, response, &reading))
            return CONNECTOR_OK;
        if (files_now_ms () >= until_ms)
            return give_up (self, &reading, problem);
        poll (NULL, 0, look_ms);
    }
}
