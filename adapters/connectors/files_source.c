/*
 * files_source - a watched folder.
 *
 * A file is looked at before and after it is moved: where a new one of the same name
 * came meanwhile it goes back, and is read in its turn.
 */
#include "connectors/files_source.h"

#include "connectors/arrivals.h"
#include "connectors/files_forget.h"
#include "connectors/place.h"
#include "format_setup.h"
#include "log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SWEEP_EVERY_MS = 3600 * 1000 };

struct files_source_s {
    const files_setup_t *setup; // borrowed
    const char *name;           // of the source; these five are the settings'
    const char *path;           // of its folder, beneath the root
    const char *pattern;
    const char *format;
    const char *attachments;     // folder in its folder
    arrivals_t *arrivals;        // owned
    char taken[FILE_NAME_BYTES]; // the file delivered and not settled; "": none
    file_mark_t taken_mark;
    int64_t sweep_ms; // when old files are to be looked for
};

// ---- setup

static bool
setup_is_good (const files_source_t *self, const char *section, problem_t *problem)
{
    format_setup_t format;
    bool good = false;
    if (*self->path && !place_is_path (self->path))
        problem_set (problem, PROBLEM_SETUP, "folder",
                     "give a path beneath [files] root, without ..",
                     "\"%s\" is not a folder of the partner", self->path);
    else if (*self->attachments && !place_is_path (self->attachments))
        problem_set (problem, PROBLEM_SETUP, "attachments",
                     "give a path beneath the source's folder, without ..",
                     "\"%s\" is not a folder of the source", self->attachments);
    else if (!*self->format)
        problem_set (problem, PROBLEM_SETUP, "format",
                     "name one: csv, json, xml, turtle, or a [format]",
                     "a source of files needs a format");
    else if (format_setup (&format, self->setup->settings, self->format, problem)) {
        format_setup_clear (&format);
        return true;
    } else
        return false;
    problem_at (problem, section, 0, NULL);
    return good;
}

files_source_t *
files_source_new (const files_setup_t *setup, const char *section, problem_t *problem)
{
    files_source_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->setup = setup;
    self->name = section + strlen ("source ");
    self->path = settings_text (setup->settings, section, "folder");
    self->pattern = settings_text (setup->settings, section, "pattern");
    self->format = settings_text (setup->settings, section, "format");
    self->attachments = settings_text (setup->settings, section, "attachments");
    self->arrivals = arrivals_new (setup->settle_ms, setup->hold_ms);
    if (!setup_is_good (self, section, problem))
        files_source_destroy (&self);
    return self;
}

void
files_source_destroy (files_source_t **self_p)
{
    files_source_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    arrivals_destroy (&self->arrivals);
    free (self);
}

const char *
files_source_name (const files_source_t *self)
{
    return self->name;
}

static int
open_folder (const files_source_t *self, problem_t *problem)
{
    int root = files_open_root (self->setup, problem);
    if (root < 0)
        return -1;
    int folder = place_open_folder (root, self->path, false);
    int error = errno;
    close (root);
    if (folder < 0) {
        problem_set (problem, PROBLEM_FILE, "folder",
                     "make it, or correct the source's folder; it is tried again",
                     "the folder cannot be opened (%s): nothing was read", strerror (error));
        problem_at (problem, self->name, 0, self->path);
    }
    return folder;
}

// ---- looking

static bool
is_temporary (const files_source_t *self, const char *name)
{
    const char *list = self->setup->temporary;
    while (*list) {
        char pattern[64];
        size_t size = strcspn (list, " ");
        snprintf (pattern, sizeof pattern, "%.*s", (int) size, list);
        if (size > 0 && fnmatch (pattern, name, 0) == 0)
            return true;
        list += size + (list[size] == ' ');
    }
    return name[0] == '.';
}

static void
see (files_source_t *self, int folder, const char *name, int64_t now_ms)
{
    file_mark_t mark;
    if (strlen (name) < FILE_NAME_BYTES && fnmatch (self->pattern, name, 0) == 0 &&
        !is_temporary (self, name) && file_mark (folder, name, &mark))
        arrivals_see (self->arrivals, name, &mark, now_ms);
}

bool
files_source_look (files_source_t *self, watch_t *watch, problem_t *problem)
{
    int64_t now_ms = files_now_ms ();
    int folder = open_folder (self, problem);
    if (folder < 0)
        return false;
    watch_add (watch, folder); // before looking, so that nothing comes in between
    DIR *list = fdopendir (folder);
    if (!list) {
        close (folder);
        return true;
    }
    arrivals_begin (self->arrivals);
    for (struct dirent *entry; (entry = readdir (list));)
        see (self, dirfd (list), entry->d_name, now_ms);
    arrivals_end (self->arrivals);
    closedir (list);
    return true;
}

int64_t
files_source_wait_ms (const files_source_t *self)
{
    return arrivals_wait_ms (self->arrivals, files_now_ms ());
}

// ---- taking

static void
deliver (files_source_t *self, const char *name, const uint8_t *bytes, size_t size,
         delivery_t *delivery)
{
    problem_t first;
    snprintf (self->taken, sizeof self->taken, "%s", name);
    *delivery = (delivery_t){.name = self->taken, .token = self};
    delivery->records = files_records (self->setup, self->format, self->taken, bytes, size,
                                       &delivery->complete, &first);
}

static void
deliver_too_large (files_source_t *self, const char *name, delivery_t *delivery)
{
    problem_t problem;
    problem_set (&problem, PROBLEM_FILE, "", "split it, or raise [files] max_file",
                 "larger than %zu bytes: not read", self->setup->most_bytes);
    jv item = jv_object_set (jv_object (), jv_string ("problem"), files_problem (&problem));
    item = jv_object_set (item, jv_string ("line"), jv_number (0));
    snprintf (self->taken, sizeof self->taken, "%s", name);
    *delivery = (delivery_t){
        .name = self->taken, .token = self, .records = jv_array_append (jv_array (), item)};
}

static void
pass_over (files_source_t *self, const char *name, const char *why)
{
    if (arrivals_set_aside (self->arrivals, name))
        log_warning (
            "files: passed over until it changes source=%s file=%s problem=%s; correct its "
            "permissions, or remove it",
            self->name, name, why);
}

// True: delivered.
static bool
take (files_source_t *self, int folder, const char *name, delivery_t *delivery)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    switch (file_read (folder, name, self->setup->most_bytes, &bytes, &size, &self->taken_mark)) {
    case FILE_READ:
        deliver (self, name, bytes, size, delivery);
        free (bytes);
        return true;
    case FILE_TOO_LARGE: deliver_too_large (self, name, delivery); return true;
    case FILE_BUSY: arrivals_unsettle (self->arrivals, name, files_now_ms ()); return false;
    case FILE_UNREADABLE: pass_over (self, name, strerror (errno)); return false;
    case FILE_SPECIAL:
    case FILE_ABSENT: pass_over (self, name, "not a file any more"); return false;
    }
    return false;
}

bool
files_source_next (files_source_t *self, delivery_t *delivery)
{
    problem_t problem;
    const char *name;
    bool good = false;
    self->taken[0] = '\0';
    int folder = open_folder (self, &problem);
    // each turn that delivers nothing takes one file out of the running
    while (folder >= 0 && !good && (name = arrivals_next (self->arrivals, files_now_ms ())))
        good = take (self, folder, name, delivery);
    if (folder >= 0)
        close (folder);
    return good;
}

// ---- settling

static bool
is_taken (const files_source_t *self, int folder, const char *name)
{
    file_mark_t mark;
    return file_mark (folder, name, &mark) && file_mark_equals (&mark, &self->taken_mark);
}

static int
move_taken (files_source_t *self, int folder, int to, const char *reason)
{
    static const char beside[] = ".reason.txt";
    char name[FILE_NAME_BYTES], reason_name[FILE_NAME_BYTES + sizeof beside];
    char back[FILE_NAME_BYTES];
    int error = 0;
    file_free_name (to, self->taken, reason ? beside : "", name);
    if (reason) {
        snprintf (reason_name, sizeof reason_name, "%s%s", name, beside);
        error = file_write (to, reason_name, self->setup->suffix, reason, strlen (reason));
    }
    if (error == 0)
        error = file_move (folder, self->taken, to, name);
    if (error == 0 && !is_taken (self, to, name)) {
        snprintf (back, sizeof back, "%s", self->taken);
        error = file_move (to, name, folder, back);
        if (reason)
            unlinkat (to, reason_name, 0);
    }
    return error;
}

// Removes what has lain in `done` too long: it may hold clients' data.
static void
sweep (files_source_t *self, int done)
{
    struct stat status;
    time_t oldest = time (NULL) - (time_t) (self->setup->keep_ms / 1000);
    int copy = self->setup->keep_ms > 0 ? fcntl (done, F_DUPFD_CLOEXEC, 0) : -1;
    DIR *list = copy >= 0 ? fdopendir (copy) : NULL;
    if (!list)
        return;
    self->sweep_ms = files_now_ms () + SWEEP_EVERY_MS;
    rewinddir (list);
    for (struct dirent *entry; (entry = readdir (list));)
        if (fstatat (done, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG (status.st_mode) && status.st_mtime < oldest && status.st_ctime < oldest)
            unlinkat (done, entry->d_name, 0);
    closedir (list);
}

static int
settle_in (files_source_t *self, int folder, const char *reason)
{
    const char *where = reason ? self->setup->refused : self->setup->done;
    int to = place_open_folder (folder, where, true);
    if (to < 0)
        return errno;
    int error = move_taken (self, folder, to, reason);
    if (!reason && files_now_ms () >= self->sweep_ms)
        sweep (self, to);
    close (to);
    return error;
}

void
files_source_settle (files_source_t *self, const char *reason)
{
    problem_t problem = {.scope = PROBLEM_NONE};
    int error = 0;
    if (!self->taken[0])
        return;
    int folder = open_folder (self, &problem);
    if (folder >= 0 && is_taken (self, folder, self->taken))
        error = settle_in (self, folder, reason);
    if (folder >= 0)
        close (folder);
    if (error != 0 && arrivals_set_aside (self->arrivals, self->taken))
        log_error ("files: cannot be moved source=%s file=%s to=%s problem=%s; its records are "
                   "stored, it stays and "
                   "is not read again until it changes or the adapter starts; mend the folder",
                   self->name, self->taken, reason ? self->setup->refused : self->setup->done,
                   strerror (error));
    self->taken[0] = '\0';
}

bool
files_source_forget (files_source_t *self, const char *case_id, problem_t *problem)
{
    int folder = open_folder (self, problem);
    if (folder < 0)
        return false;
    bool good =
        files_forget (self->setup, folder, *self->attachments ? self->attachments : NULL, case_id);
    if (!good) {
        problem_set (problem, PROBLEM_FILE, "", "mend the folder's permissions; it is tried again",
                     "files of the case %.100s cannot be deleted (%s): some are left", case_id,
                     strerror (errno));
        problem_at (problem, self->name, 0, self->path);
    }
    close (folder);
    return good;
}
