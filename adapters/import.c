/*
 * import - carries out what a reading means for the catalogue.
 */
#include "import.h"

#include "content.pb-c.h"
#include "content_json.h"
#include "formats/options.h"
#include "ledger.h"
#include "log.h"
#include "note.h"
#include "records.h"
#include "source_row.h"

#include <stdio.h>
#include <string.h>

enum {
    STEPS_AT_ONCE = 100
}; // in one transaction, so that the other thread never waits long for the store

typedef enum { STEP_DONE, STEP_WRONG, STEP_DOWN } step_result_t;

static kask_stored_t
publish (kask_t *kask, jv step, kask_error_t *error)
{
    problem_t problem;
    jv json = options_get (step, "offering");
    Kask__Offering *offering =
        (Kask__Offering *) content_json_to (&kask__offering__descriptor, json, &problem);
    jv_free (json);
    if (!offering) {
        snprintf (error->text, sizeof error->text, "%.200s: %.250s", problem.field, problem.what);
        return KASK_FAILED;
    }
    kask_stored_t stored = kask_publish (kask, offering, error);
    protobuf_c_message_free_unpacked (&offering->base, NULL);
    return stored;
}

static bool
note_outgoing (const desk_setup_t *setup, const char *key)
{
    char subject[300];
    snprintf (subject, sizeof subject, "offering %.250s", key);
    return ledger_run (setup->db,
                       "INSERT OR REPLACE INTO desk_outgoing (subject, at) VALUES (?, ?)", "ti",
                       subject, desk_now_ms ());
}

static step_result_t
carry_out (const desk_setup_t *setup, const char *source, jv step, kask_error_t *error)
{
    const char *key = options_text (step, "key", "");
    bool is_withdrawal = strcmp (options_text (step, "do", ""), "withdraw") == 0;
    kask_stored_t stored = is_withdrawal ? kask_withdraw (setup->kask, key, error)
                                         : publish (setup->kask, step, error);
    if (stored == KASK_FAILED)
        return ledger_is_down (setup->db) ? STEP_DOWN : STEP_WRONG;
    if ((stored == KASK_STORED && !note_outgoing (setup, key)) ||
        !records_note (setup->db, source, step)) {
        snprintf (error->text, sizeof error->text, "%s", sqlite3_errmsg (setup->db));
        return STEP_DOWN;
    }
    return STEP_DONE;
}

static void
add_wrong (reading_t *reading, jv step, const char *what)
{
    char text[600];
    snprintf (text, sizeof text, "%.90s: %.500s", options_text (step, "key", ""), what);
    jv problem = jv_object_set (jv_object (), jv_string ("field"), jv_string ("key"));
    problem = jv_object_set (problem, jv_string ("problem"), jv_string (text));
    reading->problems = jv_array_append (reading->problems, problem);
}

// Steps from `first` on, as many as go into one transaction.
static bool
carry_out_some (const desk_setup_t *setup, reading_t *reading, jv steps, int first,
                kask_error_t *error)
{
    int n = jv_array_length (jv_copy (steps));
    int end = first + STEPS_AT_ONCE < n ? first + STEPS_AT_ONCE : n;
    bool good = kask_begin (setup->kask, error);
    if (!good)
        return false;
    for (int i = first; good && i < end; i++) {
        jv step = jv_array_get (jv_copy (steps), i);
        step_result_t result = carry_out (setup, reading->source, step, error);
        if (result == STEP_WRONG)
            add_wrong (reading, step, error->text);
        good = result != STEP_DOWN;
        jv_free (step);
    }
    if (good)
        return kask_commit (setup->kask, error);
    kask_rollback (setup->kask);
    return false;
}

static bool
carry_out_all (const desk_setup_t *setup, reading_t *reading, jv steps, kask_error_t *error)
{
    bool good = true;
    int n = jv_array_length (jv_copy (steps));
    for (int i = 0; good && i < n; i += STEPS_AT_ONCE)
        good = carry_out_some (setup, reading, steps, i, error);
    if (n > 0 && good)
        setup->wake (setup->wake_arg);
    return good;
}

static import_result_t
later (problem_t *problem, const char *source, const char *what)
{
    problem_set (problem, PROBLEM_FILE, "",
                 "it is read again by itself; look at the disk if this stays",
                 "the store took not all of it: %s", what);
    problem_at (problem, source, 0, NULL);
    return IMPORT_LATER;
}

// Keeps the import until a person has looked.
static bool
keep (const desk_setup_t *setup, const char *source, jv import, const plan_t *plan)
{
    char why[200];
    snprintf (why, sizeof why, "%d of %d known records are gone from the source", plan->missing,
              plan->known);
    log_warning ("source: import held source=%s problem=%s; nothing of it was published or "
                 "withdrawn: look at "
                 "the source, then kask-adapter confirm %s if it is right",
                 source, why, source);
    jv text = jv_dump_string (jv_copy (import), 0);
    bool good = source_row_hold (setup->db, source, jv_string_value (text), why);
    jv_free (text);
    return good;
}

static import_result_t
store (const desk_setup_t *setup, reading_t *reading, jv import, bool confirmed, jv cursor,
       problem_t *problem)
{
    plan_t plan;
    kask_error_t error = {""};
    if (!records_plan (&plan, setup->db, reading->source, import, confirmed))
        return later (problem, reading->source, sqlite3_errmsg (setup->db));
    reading->problems = jv_array_concat (reading->problems, jv_copy (plan.problems));
    import_result_t result = plan.held ? IMPORT_HELD : IMPORT_STORED;
    if (plan.held && !keep (setup, reading->source, import, &plan))
        result = later (problem, reading->source, sqlite3_errmsg (setup->db));
    if (!plan.held && !carry_out_all (setup, reading, plan.steps, &error))
        result = later (problem, reading->source, error.text);
    if (result != IMPORT_LATER &&
        !source_row_read (setup->db, reading, cursor, result == IMPORT_STORED))
        result = later (problem, reading->source, sqlite3_errmsg (setup->db));
    plan_clear (&plan);
    return result;
}

import_result_t
import_store (const desk_setup_t *setup, reading_t *reading, bool complete, jv cursor,
              problem_t *problem)
{
    jv import = reading_import (reading, complete);
    import_result_t result = store (setup, reading, import, false, cursor, problem);
    jv_free (import);
    return result;
}

bool
import_confirmed (const desk_setup_t *setup, const char *source)
{
    problem_t problem;
    reading_t reading;
    char line[1400];
    jv import = source_row_confirmed (setup->db, source);
    if (jv_get_kind (import) != JV_KIND_OBJECT) {
        jv_free (import);
        return false;
    }
    reading_init (&reading, GIVES_OFFERINGS, source);
    reading.records = (size_t) options_length (import, "offerings");
    if (store (setup, &reading, import, true, jv_invalid (), &problem) == IMPORT_LATER)
        log_warning ("source: confirmed import put off source=%s problem=%s", source,
                     problem_line (&problem, line, sizeof line));
    reading_clear (&reading);
    jv_free (import);
    return true;
}
