/*
 * departure - people's acts, on their way from a source into the outbox.
 *
 * Attachments are fetched before the transaction, because that waits for the
 * partner's system; so acts are taken in loads of no more than one
 * message's attachments.
 */
#include "departure.h"

#include "act.h"
#include "formats/options.h"
#include "ledger.h"
#include "limit.h"
#include "log.h"
#include "note.h"
#include "source_row.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOAD_ACTS = 100 };

typedef struct {
    const desk_setup_t *setup;
    reading_t *reading;
    act_t acts[LOAD_ACTS];
    size_t n_acts;
    size_t bytes; // of their attachments
} load_t;

typedef enum { ACT_DONE, ACT_WRONG, ACT_DOWN } act_result_t;

static void
load_clear (load_t *self)
{
    for (size_t i = 0; i < self->n_acts; i++)
        act_clear (&self->acts[i]);
    self->n_acts = 0;
    self->bytes = 0;
}

static void
add_problem (reading_t *reading, const act_t *act, const problem_t *problem)
{
    char text[700];
    snprintf (text, sizeof text, "act %.100s: %.500s", act->id, problem->what);
    jv object = jv_object_set (jv_object (), jv_string ("field"), jv_string (problem->field));
    object = jv_object_set (object, jv_string ("problem"), jv_string (text));
    object = jv_object_set (object, jv_string ("do"), jv_string (problem->todo));
    reading->problems = jv_array_append (reading->problems, object);
}

// ---- one act, in a transaction

static bool
note_outgoing (const desk_setup_t *setup, const char *act)
{
    char subject[300];
    snprintf (subject, sizeof subject, "act %.255s", act);
    return ledger_run (setup->db,
                       "INSERT OR REPLACE INTO desk_outgoing (subject, at) VALUES (?, ?)", "ti",
                       subject, desk_now_ms ());
}

static bool
is_behind_another (const desk_setup_t *setup, const act_t *act)
{
    return *act->case_id &&
           ledger_number (setup->db, 0, "SELECT 1 FROM desk_act WHERE case_id = ? AND act <> ?",
                          "tt", act->case_id, act->id) != 0;
}

static bool
put_to_wait (const desk_setup_t *setup, const char *source, const act_t *act)
{
    jv text = jv_dump_string (jv_copy (act->json), 0);
    bool good =
        ledger_run (setup->db,
                    "INSERT OR IGNORE INTO desk_act (act, source, case_id, event, at)"
                    " VALUES (?, ?, ?, ?, ?)",
                    "tttti", act->id, source, act->case_id, jv_string_value (text), desk_now_ms ());
    jv_free (text);
    log_info ("act: waits for its case source=%s act=%s case=%s", source, act->id, act->case_id);
    return good;
}

static act_result_t
send_act (const desk_setup_t *setup, act_t *act, problem_t *problem)
{
    kask_error_t error = {""};
    kask_stored_t stored = act_send (act, setup->kask, &error);
    bool is_down = stored == KASK_FAILED && ledger_is_down (setup->db);
    if (stored == KASK_STORED && !note_outgoing (setup, act->id))
        is_down = true;
    if (is_down || stored == KASK_FAILED)
        problem_set (problem, PROBLEM_RECORD, "", "", "%s",
                     *error.text ? error.text : sqlite3_errmsg (setup->db));
    return is_down ? ACT_DOWN : stored == KASK_FAILED ? ACT_WRONG : ACT_DONE;
}

static act_result_t
store_act (const desk_setup_t *setup, const char *source, act_t *act, problem_t *problem)
{
    if (is_behind_another (setup, act))
        return put_to_wait (setup, source, act) ? ACT_DONE : ACT_DOWN;
    switch (act_bind (act, setup->db, problem)) {
    case ACT_WAITS: return put_to_wait (setup, source, act) ? ACT_DONE : ACT_DOWN;
    case ACT_REFUSED: return ACT_WRONG;
    default: return send_act (setup, act, problem);
    }
}

// ---- a load

static bool
down (const desk_setup_t *setup, const char *source, problem_t *problem, const char *what)
{
    problem_set (problem, PROBLEM_FILE, "",
                 "it is read again by itself; look at the disk if this stays",
                 "the store did not take it: %s", *what ? what : sqlite3_errmsg (setup->db));
    problem_at (problem, source, 0, NULL);
    return false;
}

// Stores the load, with the cursor if it is the last.
static bool
load_store (load_t *self, jv cursor, bool is_last, problem_t *problem)
{
    const desk_setup_t *setup = self->setup;
    const char *source = self->reading->source;
    kask_error_t error = {""};
    problem_t wrong = {.scope = PROBLEM_NONE};
    if (!kask_begin (setup->kask, &error))
        return down (setup, source, problem, error.text);
    bool good = true;
    for (size_t i = 0; good && i < self->n_acts; i++) {
        act_result_t result = store_act (setup, source, &self->acts[i], &wrong);
        if (result == ACT_WRONG)
            add_problem (self->reading, &self->acts[i], &wrong);
        good = result != ACT_DOWN;
    }
    if (good && is_last)
        good = source_row_read (setup->db, self->reading, cursor, true);
    if (!good) {
        down (setup, source, problem, wrong.what);
        kask_rollback (setup->kask);
        return false;
    }
    if (!kask_commit (setup->kask, &error))
        return down (setup, source, problem, error.text);
    load_clear (self);
    return true;
}

static size_t
attachment_bytes (const act_t *act)
{
    size_t bytes = 0;
    for (size_t i = 0; i < act->content->n_attachments; i++)
        bytes += act->content->attachments[i]->data.len;
    return bytes;
}

// Takes `event`.  False: the system is down.
static bool
load_add (load_t *self, jv event, problem_t *problem)
{
    problem_t wrong = {.scope = PROBLEM_NONE};
    act_t *act = &self->acts[self->n_acts];
    bool good = act_read (act, event, &wrong);
    assert (good); // the reading tried it
    switch (act_fetch (act, self->setup->connector, &wrong)) {
    case CONNECTOR_OK:
        self->bytes += attachment_bytes (act);
        self->n_acts++;
        return true;
    case CONNECTOR_LATER:
        *problem = wrong;
        act_clear (act);
        return false;
    default:
        add_problem (self->reading, act, &wrong);
        act_clear (act);
        return true;
    }
}

bool
departure_store (const desk_setup_t *setup, reading_t *reading, jv cursor, problem_t *problem)
{
    load_t *load = calloc (1, sizeof *load);
    if (!load)
        abort ();
    load->setup = setup;
    load->reading = reading;
    bool good = true;
    int n = jv_array_length (jv_copy (reading->outputs));
    for (int i = 0; good && i < n; i++) {
        good = load_add (load, jv_array_get (jv_copy (reading->outputs), i), problem);
        if (good && (load->n_acts == LOAD_ACTS || load->bytes > LIMIT_ATTACHMENTS_BYTES / 2))
            good = load_store (load, jv_invalid (), false, problem);
    }
    good = good && load_store (load, cursor, true, problem);
    load_clear (load);
    free (load);
    if (n > 0)
        setup->wake (setup->wake_arg);
    return good;
}

// ---- acts that wait

typedef struct {
    int64_t no, at_ms;
    char source[200];
    jv event;
} waiting_t;

// The first one behind `no`; false behind the last.
static bool
waiting_next (const desk_setup_t *setup, int64_t no, waiting_t *waiting)
{
    sqlite3_stmt *row = ledger_query (
        setup->db, "SELECT no, at, source, event FROM desk_act WHERE no > ? ORDER BY no LIMIT 1",
        "i", no);
    bool found = row && sqlite3_step (row) == SQLITE_ROW;
    if (found) {
        *waiting = (waiting_t){.no = sqlite3_column_int64 (row, 0),
                               .at_ms = sqlite3_column_int64 (row, 1)};
        ledger_copy (row, 2, waiting->source, sizeof waiting->source);
        waiting->event = jv_parse (ledger_text (row, 3));
    }
    sqlite3_finalize (row);
    return found;
}

static bool
is_first_of_its_case (const desk_setup_t *setup, const act_t *act, int64_t no)
{
    return ledger_number (setup->db, 0, "SELECT 1 FROM desk_act WHERE case_id = ? AND no < ?", "ti",
                          act->case_id, no) == 0;
}

// It leaves the waiting ones: sent, or set aside with the reason.
static bool
let_go (const desk_setup_t *setup, const waiting_t *waiting, act_t *act, const problem_t *wrong)
{
    kask_error_t error;
    problem_t problem = *wrong;
    char line[1400];
    if (!kask_begin (setup->kask, &error))
        return false;
    act_result_t result =
        problem.scope == PROBLEM_NONE ? send_act (setup, act, &problem) : ACT_WRONG;
    bool good = result != ACT_DOWN &&
                ledger_run (setup->db, "DELETE FROM desk_act WHERE no = ?", "i", waiting->no);
    problem_at (&problem, waiting->source, 0, act->id);
    if (good && result == ACT_WRONG)
        good = note_put (setup->db, waiting->source, problem_line (&problem, line, sizeof line),
                         desk_now_ms ());
    if (good && kask_commit (setup->kask, &error))
        return true;
    kask_rollback (setup->kask);
    return false;
}

static void
retry_one (const desk_setup_t *setup, const waiting_t *waiting, act_t *act, int64_t longest_ms)
{
    problem_t wrong = {.scope = PROBLEM_NONE};
    act_binding_t binding = act_bind (act, setup->db, &wrong);
    if (binding == ACT_WAITS && desk_now_ms () - waiting->at_ms < longest_ms)
        return;
    if (binding == ACT_WAITS)
        problem_set (&wrong, PROBLEM_RECORD, "case",
                     "do it again in the right case, or give the case its referral",
                     "no referral is known for the case \"%.100s\": nothing was sent",
                     act->case_id);
    if (binding == ACT_BOUND && act_fetch (act, setup->connector, &wrong) == CONNECTOR_LATER)
        return;
    if (let_go (setup, waiting, act, &wrong)) {
        log_info ("act: %s source=%s act=%s case=%s",
                  wrong.scope == PROBLEM_NONE ? "found its case" : "set aside", waiting->source,
                  act->id, act->case_id);
        setup->wake (setup->wake_arg);
    }
}

void
departure_retry (const desk_setup_t *setup, int64_t longest_ms)
{
    waiting_t waiting = {.no = 0};
    while (waiting_next (setup, waiting.no, &waiting)) {
        act_t act;
        problem_t problem;
        if (!act_read (&act, waiting.event, &problem))
            continue;
        if (is_first_of_its_case (setup, &act, waiting.no))
            retry_one (setup, &waiting, &act, longest_ms);
        act_clear (&act);
    }
}
