/*
 * records - what one reading of a source means for its offerings.
 *
 * The last good revision is kept as the JSON that the mapping gave, since it
 * must be published once more with the mark when its record becomes
 * unmappable.
 */
#include "records.h"

#include "formats/options.h"
#include "ledger.h"

#include <stdio.h>
#include <string.h>

enum { SHRINK_RECORDS = 5 }; // as many may go at once, whatever the source's size

typedef struct {
    plan_t *plan;
    sqlite3 *db;
    const char *source;
    jv counts; // key: how often it stands in the import
    jv bad;    // key: true; it keeps what it has
} planner_t;

static jv
plus_one (jv counts, const char *key)
{
    jv count = jv_object_get (jv_copy (counts), jv_string (key));
    double n = jv_get_kind (count) == JV_KIND_NUMBER ? jv_number_value (count) : 0;
    jv_free (count);
    return jv_object_set (counts, jv_string (key), jv_number (n + 1));
}

static bool
has (jv object, const char *key)
{
    return jv_object_has (jv_copy (object), jv_string (key));
}

static void
add_problem (planner_t *self, const char *key, const char *what, const char *todo)
{
    char text[400];
    snprintf (text, sizeof text, "%.200s: %s", key, what);
    jv problem = jv_object_set (jv_object (), jv_string ("field"), jv_string ("key"));
    problem = jv_object_set (problem, jv_string ("problem"), jv_string (text));
    problem = jv_object_set (problem, jv_string ("do"), jv_string (todo));
    self->plan->problems = jv_array_append (self->plan->problems, problem);
}

// `offering` is taken; invalid: none.
static void
add_step (planner_t *self, const char *what, const char *key, jv offering)
{
    jv step = jv_object_set (jv_object (), jv_string ("do"), jv_string (what));
    step = jv_object_set (step, jv_string ("key"), jv_string (key));
    if (jv_is_valid (offering))
        step = jv_object_set (step, jv_string ("offering"), offering);
    self->plan->steps = jv_array_append (self->plan->steps, step);
}

// ---- which keys are bad

static void
count_keys (planner_t *self, jv import)
{
    int n = options_length (import, "offerings");
    for (int i = 0; i < n; i++) {
        jv offering = options_item (import, "offerings", i);
        self->counts = plus_one (self->counts, options_text (offering, "key", ""));
        jv_free (offering);
    }
    for (int i = 0; i < options_length (import, "held"); i++) {
        jv key = options_item (import, "held", i);
        self->bad = jv_object_set (self->bad, key, jv_true ());
    }
}

static bool
is_another_sources (const planner_t *self, const char *key)
{
    return ledger_number (
               self->db, 0,
               "SELECT 1 FROM desk_record WHERE key = ? AND source <> ? AND NOT withdrawn", "tt",
               key, self->source) != 0;
}

static void
judge_keys (planner_t *self)
{
    for (int i = jv_object_iter (self->counts); jv_object_iter_valid (self->counts, i);
         i = jv_object_iter_next (self->counts, i)) {
        jv key = jv_object_iter_key (self->counts, i);
        jv count = jv_object_iter_value (self->counts, i);
        const char *text = jv_string_value (key);
        const char *what =
            jv_number_value (count) > 1
                ? "several records of this reading have this key; none of them was taken"
            : is_another_sources (self, text)
                ? "another source of this partner has a record with this key"
                : NULL;
        jv_free (count);
        if (what) {
            add_problem (self, text, what,
                         "make the key of each record its own, in the source or the mapping");
            self->bad = jv_object_set (self->bad, jv_copy (key), jv_true ());
        }
        jv_free (key);
    }
}

// ---- what happens with each

// The offering's JSON, its members in order, so that equal ones are equal texts.
static jv
text_of (jv offering)
{
    return jv_dump_string (jv_copy (offering), JV_PRINT_SORTED);
}

static void
plan_offering (planner_t *self, jv offering)
{
    const char *key = options_text (offering, "key", "");
    if (has (self->bad, key))
        return;
    jv text = text_of (offering);
    bool same = ledger_number (self->db, 0,
                               "SELECT 1 FROM desk_record WHERE source = ? AND key = ?"
                               " AND offering = ? AND NOT held AND NOT withdrawn",
                               "ttt", self->source, key, jv_string_value (text)) != 0;
    jv_free (text);
    if (same)
        self->plan->unchanged++;
    else
        add_step (self, "publish", key, jv_copy (offering));
}

static void
hold (planner_t *self, const char *key, const char *offering, bool is_held)
{
    jv marked = is_held ? jv_invalid () : jv_parse (offering);
    if (jv_get_kind (marked) == JV_KIND_OBJECT)
        add_step (self, "hold", key,
                  jv_object_set (marked, jv_string ("held_at_source"), jv_true ()));
    else
        jv_free (marked);
}

// A row that the import does not show, or shows in a bad state.
static void
plan_row (planner_t *self, jv import, sqlite3_stmt *row)
{
    const char *key = ledger_text (row, 0);
    bool is_held = sqlite3_column_int (row, 2) != 0;
    self->plan->known++;
    if (has (self->bad, key)) {
        hold (self, key, ledger_text (row, 1), is_held);
        return;
    }
    if (has (self->counts, key) || !options_flag (import, "complete", false))
        return;
    if (options_count (import, "unmappable", 0) > 0) {
        hold (self, key, ledger_text (row, 1), is_held);
        return;
    }
    self->plan->missing++;
    add_step (self, "withdraw", key, jv_invalid ());
}

static bool
plan_rows (planner_t *self, jv import)
{
    sqlite3_stmt *row = ledger_query (self->db,
                                      "SELECT key, offering, held FROM desk_record WHERE source = "
                                      "? AND NOT withdrawn ORDER BY key",
                                      "t", self->source);
    if (!row)
        return false;
    int got;
    while ((got = sqlite3_step (row)) == SQLITE_ROW)
        plan_row (self, import, row);
    sqlite3_finalize (row);
    return got == SQLITE_DONE;
}

static void
guard (plan_t *plan, bool confirmed)
{
    plan->held = !confirmed && plan->missing > SHRINK_RECORDS && plan->missing * 2 > plan->known;
    if (!plan->held)
        return;
    jv_free (plan->steps);
    plan->steps = jv_array ();
}

bool
records_plan (plan_t *plan, sqlite3 *db, const char *source, jv import, bool confirmed)
{
    *plan = (plan_t){.steps = jv_array (), .problems = jv_array ()};
    planner_t self = {
        .plan = plan, .db = db, .source = source, .counts = jv_object (), .bad = jv_object ()};
    count_keys (&self, import);
    judge_keys (&self);
    int n = options_length (import, "offerings");
    for (int i = 0; i < n; i++) {
        jv offering = options_item (import, "offerings", i);
        plan_offering (&self, offering);
        jv_free (offering);
    }
    bool good = plan_rows (&self, import);
    guard (plan, confirmed);
    jv_free (self.counts);
    jv_free (self.bad);
    if (!good)
        plan_clear (plan);
    return good;
}

void
plan_clear (plan_t *self)
{
    jv_free (self->steps);
    jv_free (self->problems);
    *self = (plan_t){.steps = jv_null (), .problems = jv_null ()};
}

bool
records_note (sqlite3 *db, const char *source, jv step)
{
    const char *what = options_text (step, "do", "");
    const char *key = options_text (step, "key", "");
    if (strcmp (what, "withdraw") == 0)
        return ledger_run (db, "UPDATE desk_record SET withdrawn = 1 WHERE source = ? AND key = ?",
                           "tt", source, key);
    if (strcmp (what, "hold") == 0)
        return ledger_run (db, "UPDATE desk_record SET held = 1 WHERE source = ? AND key = ?", "tt",
                           source, key);
    jv offering = options_get (step, "offering");
    jv text = text_of (offering);
    bool good = ledger_run (db,
                            "INSERT INTO desk_record (source, key, offering, held, withdrawn)"
                            " VALUES (?, ?, ?, 0, 0) ON CONFLICT (source, key) DO UPDATE SET"
                            " offering = excluded.offering, held = 0, withdrawn = 0",
                            "ttt", source, key, jv_string_value (text));
    jv_free (text);
    jv_free (offering);
    return good;
}
