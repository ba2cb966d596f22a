/*
 * neighbours - other partners' offerings, into this partner's system.
 */
#include "neighbours.h"

#include "dialogue.h"
#include "ledger.h"
#include "log.h"
#include "note.h"
#include "task.h"

#include <stdio.h>
#include <stdlib.h>

struct neighbours_s {
    const desk_setup_t *setup;
    program_t program;  // [write] offerings
    int64_t due_ms;     // not before, monotonic; 0: at once
    int64_t single_to;  // up to this change one by one
    int64_t crashed_at; // the change on which the program failed last, alone
    int64_t crashes;    // how often
    int64_t batch;
};

// What is being brought in.
typedef struct {
    jv items;       // owned
    int64_t change; // of the last one
    int n;
    char name[280]; // of the first one, for notes
} batch_t;

neighbours_t *
neighbours_new (const desk_setup_t *setup)
{
    neighbours_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->setup = setup;
    self->program.path = settings_text (setup->settings, "write", "offerings");
    self->batch = settings_number (setup->settings, "write", "batch");
    return self;
}

void
neighbours_destroy (neighbours_t **self_p)
{
    neighbours_t *self = *self_p;
    if (!self)
        return;
    program_end (&self->program);
    free (self);
    *self_p = NULL;
}

static int64_t
place (const neighbours_t *self)
{
    return ledger_number (self->setup->db, 0,
                          "SELECT value FROM desk_place WHERE name = 'neighbours'", "");
}

static bool
place_set (const neighbours_t *self, int64_t change)
{
    return ledger_run (self->setup->db,
                       "INSERT OR REPLACE INTO desk_place (name, value) VALUES ('neighbours', ?)",
                       "i", change);
}

// ---- a batch

static void
batch_collect (const neighbours_t *self, batch_t *batch)
{
    *batch = (batch_t){.items = jv_array (), .change = place (self)};
    int64_t most = batch->change < self->single_to ? 1 : self->batch;
    kask_offering_t *offering = NULL;
    while (batch->n < most && (offering = kask_offering_after (self->setup->kask, batch->change))) {
        if (batch->n++ == 0)
            snprintf (batch->name, sizeof batch->name, "%s/%s", offering->publisher, offering->key);
        batch->items = jv_array_append (batch->items, task_offering (self->setup->kask, offering));
        batch->change = offering->change;
        kask_offering_free (&offering);
    }
}

static bool
pass_over (neighbours_t *self, const batch_t *batch, const char *why)
{
    char text[900];
    snprintf (text, sizeof text, "%s: not brought into the system: %.500s", batch->name, why);
    log_warning ("neighbours: passed over offering=%s problem=%s", batch->name, why);
    return note_put (self->setup->db, "neighbours", text, desk_now_ms ()) &&
           place_set (self, batch->change);
}

// Has it failed on this one as often as it may?
static bool
is_hopeless (neighbours_t *self, const batch_t *batch, dialogue_result_t result)
{
    if (result == DIALOGUE_REFUSED)
        return true;
    self->crashes = self->crashed_at == batch->change ? self->crashes + 1 : 1;
    self->crashed_at = batch->change;
    return self->crashes >= settings_number (self->setup->settings, "", "attempts");
}

// True: go on at once.
static bool
batch_settle (neighbours_t *self, const batch_t *batch, const dialogue_outcome_t *outcome)
{
    if (outcome->result == DIALOGUE_DONE) {
        log_info ("neighbours: brought into the system offerings=%d change=%lld", batch->n,
                  (long long) batch->change);
        return place_set (self, batch->change);
    }
    log_warning ("neighbours: not brought into the system offerings=%d first=%s problem=%s",
                 batch->n, batch->name, outcome->text);
    if (outcome->result == DIALOGUE_LATER)
        return false;
    if (batch->n > 1) {
        self->single_to = batch->change;
        return true;
    }
    return is_hopeless (self, batch, outcome->result) && pass_over (self, batch, outcome->text);
}

// Is there anything at all behind our place?
static bool
has_news (const neighbours_t *self)
{
    kask_offering_t *offering = kask_offering_after (self->setup->kask, place (self));
    bool found = offering != NULL;
    if (found)
        kask_offering_free (&offering);
    return found;
}

bool
neighbours_step (neighbours_t *self)
{
    problem_t problem;
    char line[1400];
    if (!*self->program.path || desk_ticks_ms () < self->due_ms || !has_news (self))
        return false;
    mapping_t *program = program_require (&self->program, self->setup, &problem);
    bool good = false;
    if (!program)
        log_error ("neighbours: %s", problem_line (&problem, line, sizeof line));
    else {
        batch_t batch;
        dialogue_outcome_t outcome;
        batch_collect (self, &batch);
        jv task = jv_object_set (jv_object (), jv_string ("offerings"), batch.items);
        dialogue_run (&outcome, program, self->setup->connector, task, desk_args (self->setup, ""),
                      NULL, 0, NULL, NULL);
        good = batch_settle (self, &batch, &outcome);
        dialogue_outcome_clear (&outcome);
    }
    self->due_ms = good ? 0 : desk_ticks_ms () + self->setup->retry_ms;
    return good;
}

int64_t
neighbours_due_ms (const neighbours_t *self)
{
    return self->due_ms > desk_ticks_ms () ? self->due_ms : INT64_MAX;
}
