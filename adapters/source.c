/*
 * source - one place of the partner's system that news come from.
 *
 * A reading that could not be stored whole is simply made again: what of it
 * was stored is known by its keys.
 */
#include "source.h"

#include "departure.h"
#include "dialogue.h"
#include "formats/buffer.h"
#include "formats/options.h"
#include "import.h"
#include "log.h"
#include "reading.h"
#include "source_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_EVERY_MS = 1000, LONGEST_PAUSE_MS = 15 * 60 * 1000, REASON_BYTES = 64 * 1024 };

struct source_s {
    const desk_setup_t *setup;
    const char *name; // borrowed from the settings
    gives_t gives;
    program_t read; // http
    program_t mapping;
    int64_t every_ms;
    bool complete;    // a reading shows the whole list
    jv hints;         // told since the last reading; owned
    int64_t due_ms;   // monotonic
    int64_t pause_ms; // after the last failure; 0: it did not fail
    bool is_read;
};

static bool
refuse (const char *section, const char *key, problem_t *problem, const char *what)
{
    problem_set (problem, PROBLEM_SETUP, key, "correct it in the configuration", "%s", what);
    problem_at (problem, section, 0, NULL);
    return false;
}

static bool
settings_are_good (const desk_setup_t *setup, const char *section, problem_t *problem)
{
    const char *gives = settings_text (setup->settings, section, "gives");
    bool has_read = *settings_text (setup->settings, section, "read") != '\0';
    if (strcmp (gives, "offerings") != 0 && strcmp (gives, "events") != 0)
        return refuse (section, "gives", problem, "must be offerings or events");
    if (setup->connector->next && has_read)
        return refuse (section, "read", problem,
                       "a source of files is read by itself, without a dialogue");
    if (!setup->connector->next && !has_read)
        return refuse (section, "read", problem, "is missing: the dialogue that reads this source");
    return true;
}

source_t *
source_new (const desk_setup_t *setup, const char *section, problem_t *problem)
{
    if (!settings_are_good (setup, section, problem))
        return NULL;
    source_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->setup = setup;
    self->name = section + strlen ("source ");
    bool is_events = strcmp (settings_text (setup->settings, section, "gives"), "events") == 0;
    self->gives = is_events ? GIVES_EVENTS : GIVES_OFFERINGS;
    self->read.path = settings_text (setup->settings, section, "read");
    self->mapping.path = settings_text (setup->settings, section, "mapping");
    self->every_ms = settings_number (setup->settings, section, "every");
    self->complete = settings_flag (setup->settings, section, "complete");
    self->hints = jv_array ();
    return self;
}

void
source_destroy (source_t **self_p)
{
    source_t *self = *self_p;
    if (!self)
        return;
    program_end (&self->read);
    program_end (&self->mapping);
    jv_free (self->hints);
    free (self);
    *self_p = NULL;
}

const char *
source_name (const source_t *self)
{
    return self->name;
}

int64_t
source_due_ms (const source_t *self)
{
    return self->due_ms;
}

bool
source_is_read (const source_t *self)
{
    return self->is_read;
}

void
source_tell (source_t *self, jv hint)
{
    self->hints = jv_array_concat (self->hints, hint);
    source_look (self);
}

void
source_look (source_t *self)
{
    if (self->pause_ms == 0)
        self->due_ms = 0;
}

// ---- how a reading ends

static void
failed (source_t *self, const problem_t *problem)
{
    char line[1400];
    problem_line (problem, line, sizeof line);
    int64_t first = self->setup->retry_ms;
    self->pause_ms = self->pause_ms ? 2 * self->pause_ms : first;
    if (self->pause_ms > LONGEST_PAUSE_MS)
        self->pause_ms = LONGEST_PAUSE_MS;
    self->due_ms = desk_ticks_ms () + self->pause_ms;
    self->is_read = false;
    log_warning ("source: not read source=%s again_ms=%lld problem=%s", self->name,
                 (long long) self->pause_ms, line);
    if (!source_row_fail (self->setup->db, self->name, line))
        log_error ("source: the failure cannot be stored source=%s problem=%s", self->name,
                   sqlite3_errmsg (self->setup->db));
}

static void
succeeded (source_t *self, int64_t again_ms)
{
    self->pause_ms = 0;
    self->due_ms = desk_ticks_ms () + again_ms;
    self->is_read = true;
}

static void
log_reading (const source_t *self, const reading_t *reading, const char *file)
{
    log_info ("source: read source=%s file=%s records=%zu taken=%d passed_over=%zu set_aside=%d",
              self->name, file, reading->records, jv_array_length (jv_copy (reading->outputs)),
              reading->passed_over, jv_array_length (jv_copy (reading->problems)));
}

// Offerings or acts into the outbox.  False: *problem, again later.
static bool
store (const source_t *self, reading_t *reading, bool complete, jv cursor, problem_t *problem)
{
    if (self->gives == GIVES_EVENTS)
        return departure_store (self->setup, reading, cursor, problem);
    return import_store (self->setup, reading, complete, cursor, problem) != IMPORT_LATER;
}

// ---- http

static jv
reading_task (source_t *self)
{
    char now[DESK_TIME_BYTES];
    jv task = jv_object_set (jv_object (), jv_string ("source"), jv_string (self->name));
    task =
        jv_object_set (task, jv_string ("cursor"), source_row_cursor (self->setup->db, self->name));
    task = jv_object_set (task, jv_string ("now"), jv_string (desk_time (desk_now_ms (), now)));
    return jv_object_set (task, jv_string ("hint"), jv_copy (self->hints));
}

static bool
map_emitted (source_t *self, mapping_t *mapping, jv emitted, reading_t *reading, problem_t *problem)
{
    jv args = desk_args (self->setup, self->name);
    bool good = true;
    int n = jv_array_length (jv_copy (emitted));
    for (int i = 0; good && i < n; i++)
        good =
            reading_map (reading, mapping, jv_array_get (jv_copy (emitted), i), args, 0, problem);
    jv_free (args);
    return good;
}

static bool
store_emitted (source_t *self, mapping_t *mapping, const dialogue_outcome_t *outcome,
               problem_t *problem)
{
    reading_t reading;
    reading_init (&reading, self->gives, self->name);
    jv cursor = options_get (outcome->said, "cursor");
    bool good = map_emitted (self, mapping, outcome->emitted, &reading, problem) &&
                store (self, &reading, self->complete && !outcome->incomplete, cursor, problem);
    if (good)
        log_reading (self, &reading, "");
    jv_free (cursor);
    reading_clear (&reading);
    return good;
}

static bool
read_by_dialogue (source_t *self, problem_t *problem)
{
    dialogue_outcome_t outcome;
    mapping_t *mapping = program_require (&self->mapping, self->setup, problem);
    mapping_t *read = mapping ? program_require (&self->read, self->setup, problem) : NULL;
    if (!read)
        return false;
    dialogue_run (&outcome, read, self->setup->connector, reading_task (self),
                  desk_args (self->setup, self->name), NULL, 0, NULL, NULL);
    bool good = outcome.result == DIALOGUE_DONE;
    if (!good) {
        problem_set (problem, PROBLEM_FILE, "", "it is read again by itself", "%s", outcome.text);
        problem_at (problem, self->name, 0, NULL);
    }
    good = good && store_emitted (self, mapping, &outcome, problem);
    dialogue_outcome_clear (&outcome);
    return good;
}

static void
http_step (source_t *self)
{
    problem_t problem;
    if (!read_by_dialogue (self, &problem)) {
        failed (self, &problem);
        return;
    }
    jv_free (self->hints);
    self->hints = jv_array ();
    succeeded (self, self->every_ms);
}

// ---- files

static void
set_aside (reading_t *reading, jv item)
{
    problem_t problem;
    jv json = options_get (item, "problem");
    problem_set_text (&problem, PROBLEM_RECORD, options_text (json, "field", ""),
                      options_text (json, "what", ""), options_text (json, "todo", ""));
    problem_at (&problem, NULL, options_count (json, "line", options_count (item, "line", 0)),
                options_text (json, "path", ""));
    reading->records++;
    reading_set_aside (reading, &problem);
    jv_free (json);
}

static bool
map_file (source_t *self, mapping_t *mapping, jv records, reading_t *reading, problem_t *problem)
{
    jv args = desk_args (self->setup, self->name);
    bool good = true;
    int n = jv_array_length (jv_copy (records));
    for (int i = 0; good && i < n; i++) {
        jv item = jv_array_get (jv_copy (records), i);
        jv record = options_get (item, "record");
        size_t line = options_count (item, "line", 0);
        if (jv_is_valid (record))
            good = reading_map (reading, mapping, record, args, line, problem);
        else {
            jv_free (record);
            set_aside (reading, item);
        }
        jv_free (item);
    }
    jv_free (args);
    return good;
}

// What was set aside, a line each, for the file beside the refused one; malloc'd, NULL if nothing
// was.
static char *
reason (const reading_t *reading, const char *file)
{
    format_buffer_t text = {0};
    char head[400];
    int n = jv_array_length (jv_copy (reading->problems));
    if (n == 0)
        return NULL;
    snprintf (head, sizeof head, "%.200s: %d set aside of %zu records; the rest was taken.\n", file,
              n, reading->records);
    format_buffer_puts (&text, head);
    for (int i = 0; i < n && text.size < REASON_BYTES; i++) {
        jv problem = jv_array_get (jv_copy (reading->problems), i);
        jv line = reading_problem_text (reading, problem);
        format_buffer_puts (&text, jv_string_value (line));
        format_buffer_puts (&text, "\n");
        jv_free (line);
        jv_free (problem);
    }
    return text.bytes;
}

static bool
take_file (source_t *self, delivery_t *delivery, problem_t *problem)
{
    reading_t reading;
    mapping_t *mapping = program_require (&self->mapping, self->setup, problem);
    reading_init (&reading, self->gives, self->name);
    bool good =
        mapping && map_file (self, mapping, delivery->records, &reading, problem) &&
        store (self, &reading, self->complete && delivery->complete, jv_invalid (), problem);
    if (good) {
        char *why = reason (&reading, delivery->name);
        log_reading (self, &reading, delivery->name);
        self->setup->connector->settle (self->setup->connector, delivery, why);
        free (why);
    }
    reading_clear (&reading);
    return good;
}

static bool
files_step (source_t *self)
{
    problem_t problem = {.scope = PROBLEM_NONE};
    delivery_t delivery = {.records = jv_null ()};
    connector_t *connector = self->setup->connector;
    bool came = connector->next (connector, self->name, &delivery, &problem);
    if (came ? take_file (self, &delivery, &problem) : problem.scope == PROBLEM_NONE)
        succeeded (self, came ? 0 : LOOK_EVERY_MS);
    else
        failed (self, &problem);
    if (came)
        jv_free (delivery.records);
    self->is_read &= !came;
    return came;
}

bool
source_step (source_t *self)
{
    if (desk_ticks_ms () < self->due_ms)
        return false;
    if (self->setup->connector->next)
        return files_step (self);
    http_step (self);
    return true;
}
