/*
 * files - the connector to a system that exchanges files in folders.
 *
 * All of a partner's folders lie beneath one root.  Whoever writes into them
 * by other names first, and moves them into place, is read as soon as it happens; whoever does
 * not is read when the file has stood still.
 */
#include "connector.h"
#include "connectors/files_setup.h"
#include "connectors/files_source.h"
#include "connectors/files_write.h"
#include "connectors/place.h"
#include "connectors/request.h"
#include "connectors/watch.h"
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_SOURCES = 64 };

const setting_t connector_files_settings[] = {
    {"files", "root", SETTING_PATH, "", "the folder that all paths of this partner lie beneath"},
    {"files", "settle", SETTING_DURATION, "2 s",
     "how long a file must stand still before it is taken"},
    {"files", "hold", SETTING_DURATION, "1 min",
     "how long a file that is not whole yet holds back those behind it"},
    {"files", "poll", SETTING_DURATION, "5 s",
     "how often folders are looked into where nothing tells"},
    {"files", "max_file", SETTING_BYTES, "16 MiB", "largest file that is read"},
    {"files", "temporary", SETTING_TEXT, "*.tmp *.part *.del *.filepart *.crdownload *~ ~*",
     "names that the system uses while it writes, by spaces"},
    {"files", "suffix", SETTING_TEXT, ".tmp", "what we put behind a name while we write"},
    {"files", "receipt_wait", SETTING_DURATION, "10 s",
     "how long a receipt is waited for before the message is put off"},
    {"files", "done", SETTING_TEXT, "done",
     "folder in a source's folder, for files that were read"},
    {"files", "refused", SETTING_TEXT, "refused", "the same for files that could not be read"},
    {"files", "keep_done", SETTING_DURATION, "7 d",
     "how long files stay in done; 0 s: for ever. They may hold clients' data"},
    {"source", "folder", SETTING_TEXT, "", "files: the watched folder, beneath root"},
    {"source", "pattern", SETTING_TEXT, "*", "files: names to read, with * and ?"},
    {"source", "format", SETTING_TEXT, "",
     "files: csv, json, xml, turtle, or the name of a [format]"},
    {"source", "attachments", SETTING_TEXT, "",
     "files: folder in the source's folder, with the files that its records name; deleted with "
     "them"},
    {NULL, NULL, SETTING_TEXT, NULL, NULL},
};

typedef struct {
    connector_t base; // first: what the desk holds
    files_setup_t setup;
    int64_t poll_ms;
    watch_t *watch;                       // owned
    files_source_t *sources[MAX_SOURCES]; // owned
    size_t n_sources;
} files_t;

static files_t *
files_of (connector_t *base)
{
    return (files_t *) base;
}

// ---- reading by request

static connector_result_t
not_there (const char *path, int error, problem_t *problem)
{
    problem_set (problem, PROBLEM_FILE, "read",
                 "see that the folder is there; it is tried again by itself",
                 "its folder cannot be opened: %s", strerror (error));
    problem_at (problem, path, 0, NULL);
    return CONNECTOR_LATER;
}

static connector_result_t
not_read (file_result_t result, const char *path, size_t most, problem_t *problem)
{
    static const char nothing[] = "correct it in the partner's system; nothing was read";
    const char *what = strerror (errno);
    if (result == FILE_ABSENT)
        problem_set (problem, PROBLEM_FILE, "read", nothing, "there is no such file");
    else if (result == FILE_SPECIAL)
        problem_set (problem, PROBLEM_FILE, "read", nothing,
                     "a link or special file, which is not followed");
    else if (result == FILE_TOO_LARGE)
        problem_set (problem, PROBLEM_FILE, "read", nothing, "larger than %zu bytes", most);
    else
        problem_set (
            problem, PROBLEM_FILE, "read", "see that it may be read; it is tried again by itself",
            "cannot be read now: %s", result == FILE_BUSY ? "somebody writes to it" : what);
    problem_at (problem, path, 0, NULL);
    return result == FILE_BUSY || result == FILE_UNREADABLE ? CONNECTOR_LATER : CONNECTOR_REFUSED;
}

// *result_p is set where the file's folder was there.
static connector_result_t
read_at (const files_setup_t *setup, const char *path, size_t most, uint8_t **bytes_p,
         size_t *size_p, file_result_t *result_p, problem_t *problem)
{
    place_t place;
    int root = files_open_root (setup, problem);
    if (root < 0)
        return CONNECTOR_LATER;
    bool opened = place_open (root, path, false, &place);
    int error = errno;
    close (root);
    if (!opened)
        return not_there (path, error, problem);
    *result_p = file_read (place.folder, place.name, most, bytes_p, size_p, NULL);
    error = errno;
    place_close (&place);
    errno = error;
    return *result_p == FILE_READ ? CONNECTOR_OK : not_read (*result_p, path, most, problem);
}

static bool
read_path (jv request, const char **path_p, const char **format_p, problem_t *problem)
{
    static const char *const members[] = {"read", "format", NULL};
    if (!request_has_only (request, members, problem) ||
        !request_text (request, "read", path_p, problem) ||
        !request_text (request, "format", format_p, problem))
        return false;
    if (*path_p && place_is_path (*path_p))
        return true;
    (void) request_bad (problem, "read",
                        "must be a path beneath the partner's folder, without .., \\ and "
                        "control characters");
    return false;
}

// Parts the items of files_records(), which it takes, into records and problems.
static jv
response_of (jv items)
{
    jv records = jv_array (), problems = jv_array ();
    int n = jv_array_length (jv_copy (items));
    for (int i = 0; i < n; i++) {
        jv item = jv_array_get (jv_copy (items), i);
        if (jv_object_has (jv_copy (item), jv_string ("record")))
            records = jv_array_append (records, jv_object_get (item, jv_string ("record")));
        else
            problems = jv_array_append (problems, jv_object_get (item, jv_string ("problem")));
    }
    jv_free (items);
    jv response = jv_object_set (jv_object (), jv_string ("records"), records);
    return jv_object_set (response, jv_string ("problems"), problems);
}

static connector_result_t
perform_read (const files_t *self, jv request, jv *response, problem_t *problem)
{
    const char *path, *format;
    uint8_t *bytes = NULL;
    size_t size = 0;
    bool whole;
    problem_t first;
    file_result_t got = FILE_UNREADABLE;
    if (!read_path (request, &path, &format, problem))
        return CONNECTOR_BAD;
    if (!format)
        return request_bad (problem, "format", "is missing");
    connector_result_t result =
        read_at (&self->setup, path, self->setup.most_bytes, &bytes, &size, &got, problem);
    if (result == CONNECTOR_OK)
        *response =
            response_of (files_records (&self->setup, format, path, bytes, size, &whole, &first));
    else if (got == FILE_ABSENT)
        *response = jv_object_set (jv_object (), jv_string ("records"), jv_null ());
    free (bytes);
    return got == FILE_ABSENT ? CONNECTOR_OK : result;
}

// ---- the connector

static connector_result_t
files_perform (connector_t *base, jv request, const attachment_t *attachments, size_t n_attachments,
               jv *response, problem_t *problem)
{
    files_t *self = files_of (base);
    bool is_read = jv_get_kind (request) == JV_KIND_OBJECT &&
                   jv_object_has (jv_copy (request), jv_string ("read"));
    connector_result_t result;
    *response = jv_invalid ();
    if (request_is_digest (request))
        result = request_digest (request, attachments, n_attachments, response, problem);
    else if (is_read)
        result = perform_read (self, request, response, problem);
    else
        result = files_write (&self->setup, request, attachments, n_attachments, response, problem);
    return result;
}

static connector_result_t
files_fetch (connector_t *base, jv request, size_t most, uint8_t **bytes_p, size_t *size_p,
             problem_t *problem)
{
    const char *path, *format;
    file_result_t got = FILE_UNREADABLE;
    connector_result_t result = CONNECTOR_BAD;
    if (read_path (request, &path, &format, problem))
        result = read_at (&files_of (base)->setup, path, most, bytes_p, size_p, &got, problem);
    return result;
}

static files_source_t *
find_source (const files_t *self, const char *name)
{
    for (size_t i = 0; i < self->n_sources; i++)
        if (strcmp (files_source_name (self->sources[i]), name) == 0)
            return self->sources[i];
    return NULL;
}

// When to look again: at the next poll, or earlier where a file may be whole by then.
static void
rearm (files_t *self)
{
    int64_t wait_ms = self->poll_ms;
    for (size_t i = 0; i < self->n_sources; i++) {
        int64_t one_ms = files_source_wait_ms (self->sources[i]);
        if (one_ms >= 0 && one_ms < wait_ms)
            wait_ms = one_ms;
    }
    watch_rearm (self->watch, wait_ms < 1 ? 1 : wait_ms);
}

static bool
files_next (connector_t *base, const char *name, delivery_t *delivery, problem_t *problem)
{
    files_t *self = files_of (base);
    files_source_t *source = find_source (self, name);
    if (problem)
        problem->scope = PROBLEM_NONE;
    rearm (self); // before looking: what comes after it wakes again
    if (!source) {
        problem_set (problem, PROBLEM_SETUP, "source", "correct the configuration",
                     "there is no [source %s]", name);
        return false;
    }
    if (!files_source_look (source, self->watch, problem))
        return false;
    bool found = files_source_next (source, delivery);
    rearm (self);
    return found;
}

static void
files_settle (connector_t *base, delivery_t *delivery, const char *reason)
{
    (void) base;
    if (delivery->token)
        files_source_settle (delivery->token, reason);
    delivery->token = NULL;
}

static bool
files_forget_case (connector_t *base, const char *case_id, problem_t *problem)
{
    files_t *self = files_of (base);
    for (size_t i = 0; i < self->n_sources; i++)
        if (!files_source_forget (self->sources[i], case_id, problem))
            return false;
    return true;
}

static int
files_fd (connector_t *base)
{
    return watch_fd (files_of (base)->watch);
}

static void
files_destroy (connector_t **self_p)
{
    if (!*self_p)
        return;
    files_t *self = files_of (*self_p);
    *self_p = NULL;
    for (size_t i = 0; i < self->n_sources; i++)
        files_source_destroy (&self->sources[i]);
    watch_destroy (&self->watch);
    free (self);
}

// ---- setup

static void
read_setup (files_setup_t *self, const settings_t *settings)
{
    *self = (files_setup_t){
        .settings = settings,
        .root = settings_text (settings, "files", "root"),
        .suffix = settings_text (settings, "files", "suffix"),
        .temporary = settings_text (settings, "files", "temporary"),
        .done = settings_text (settings, "files", "done"),
        .refused = settings_text (settings, "files", "refused"),
        .most_bytes = (size_t) settings_number (settings, "files", "max_file"),
        .settle_ms = settings_number (settings, "files", "settle"),
        .hold_ms = settings_number (settings, "files", "hold"),
        .receipt_wait_ms = settings_number (settings, "files", "receipt_wait"),
        .keep_ms = settings_number (settings, "files", "keep_done"),
    };
}

static bool
setup_fails (problem_t *problem, const char *key, const char *todo, const char *what)
{
    problem_set (problem, PROBLEM_SETUP, key, todo, "%s", what);
    problem_at (problem, "[files]", 0, NULL);
    return false;
}

static bool
setup_is_good (const files_setup_t *self, problem_t *problem)
{
    if (!*self->root)
        return setup_fails (problem, "root", "name the partner's folder", "is missing");
    if (!*self->suffix || strchr (self->suffix, '/') || strlen (self->suffix) > 40)
        return setup_fails (problem, "suffix", "use a short one such as .tmp",
                            "must be 1 to 40 characters without /");
    if (!place_is_path (self->done) || !place_is_path (self->refused) || strchr (self->done, '/') ||
        strchr (self->refused, '/'))
        return setup_fails (problem, "done", "use one name without /",
                            "done and refused must be names of folders");
    return true;
}

static bool
make_sources (files_t *self, problem_t *problem)
{
    const char *section;
    for (size_t i = 0; (section = settings_section (self->setup.settings, "source", i)); i++) {
        if (i == MAX_SOURCES)
            return setup_fails (problem, "source", "join some of them", "more than 64 sources");
        self->sources[i] = files_source_new (&self->setup, section, problem);
        if (!self->sources[i])
            return false;
        self->n_sources++;
    }
    return true;
}

// A folder that is not there yet is no mistake of the configuration: the drive may come.
static void
look_once (files_t *self)
{
    char line[1400];
    problem_t problem;
    for (size_t i = 0; i < self->n_sources; i++)
        if (!files_source_look (self->sources[i], self->watch, &problem))
            log_warning ("files: %s", problem_line (&problem, line, sizeof line));
    rearm (self);
}

connector_t *
connector_files_new (const settings_t *settings, problem_t *problem)
{
    files_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->base = (connector_t){.perform = files_perform,
                               .fetch = files_fetch,
                               .next = files_next,
                               .settle = files_settle,
                               .forget = files_forget_case,
                               .fd = files_fd,
                               .destroy = files_destroy};
    connector_t *base = &self->base;
    read_setup (&self->setup, settings);
    self->poll_ms = settings_number (settings, "files", "poll");
    bool good = setup_is_good (&self->setup, problem);
    self->watch = good ? watch_new () : NULL;
    if (good && !self->watch)
        good = setup_fails (problem, "", "raise the limit of open files", strerror (errno));
    if (good && make_sources (self, problem))
        look_once (self);
    else
        files_destroy (&base);
    return base;
}
