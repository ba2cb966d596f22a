/*
 * desk - the worker between the partner's system and the store.
 *
 * What came is handed over before sources are read: an act may belong to a case that was
 * made by a dialogue that was broken off, and which the system knows already.
 */
#include "desk.h"

#include "departure.h"
#include "handover.h"
#include "import.h"
#include "ledger.h"
#include "neighbours.h"
#include "source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SOURCES = 64, CHORES_EVERY_MS = 1000 };

struct desk_s {
    const desk_setup_t *setup;
    handover_t *handover;
    neighbours_t *neighbours;
    source_t *sources[MAX_SOURCES];
    size_t n_sources;
    int64_t chores_ms;  // when acts that wait and confirmed imports are looked for again
    int64_t longest_ms; // an act waits for its case
    bool is_idle;       // the last step found nothing
};

static bool
add_sources (desk_t *self, problem_t *problem)
{
    const char *section;
    while ((section = settings_section (self->setup->settings, "source", self->n_sources))) {
        if (self->n_sources == MAX_SOURCES) {
            problem_set (problem, PROBLEM_SETUP, "source", "join some of them",
                         "more than %d sources", MAX_SOURCES);
            return false;
        }
        source_t *source = source_new (self->setup, section, problem);
        if (!source)
            return false;
        self->sources[self->n_sources++] = source;
    }
    return true;
}

desk_t *
desk_new (const desk_setup_t *setup, problem_t *problem)
{
    desk_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->setup = setup;
    self->longest_ms = settings_number (setup->settings, "", "unknown_case");
    self->handover = handover_new (setup);
    self->neighbours = neighbours_new (setup);
    if (!ledger_prepare (setup->db, problem) || !add_sources (self, problem))
        desk_destroy (&self);
    return self;
}

void
desk_destroy (desk_t **self_p)
{
    desk_t *self = *self_p;
    if (!self)
        return;
    handover_destroy (&self->handover);
    neighbours_destroy (&self->neighbours);
    for (size_t i = 0; i < self->n_sources; i++)
        source_destroy (&self->sources[i]);
    free (self);
    *self_p = NULL;
}

void
desk_hear (desk_t *self)
{
    connector_t *connector = self->setup->connector;
    if (!connector->hints) {
        for (size_t i = 0; i < self->n_sources; i++)
            source_look (self->sources[i]);
        return;
    }
    jv hints = connector->hints (connector);
    if (jv_array_length (jv_copy (hints)) > 0)
        for (size_t i = 0; i < self->n_sources; i++)
            source_tell (self->sources[i], jv_copy (hints));
    jv_free (hints);
}

static void
chores (desk_t *self)
{
    if (desk_ticks_ms () < self->chores_ms)
        return;
    departure_retry (self->setup, self->longest_ms);
    for (size_t i = 0; i < self->n_sources; i++)
        import_confirmed (self->setup, source_name (self->sources[i]));
    self->chores_ms = desk_ticks_ms () + CHORES_EVERY_MS;
}

bool
desk_step (desk_t *self)
{
    bool worked = handover_step (self->handover);
    chores (self);
    for (size_t i = 0; i < self->n_sources; i++)
        worked |= source_step (self->sources[i]);
    worked |= neighbours_step (self->neighbours);
    self->is_idle = !worked;
    return worked;
}

static int64_t
earlier (int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t
desk_due_ms (const desk_t *self)
{
    int64_t due = earlier (handover_due_ms (self->handover), neighbours_due_ms (self->neighbours));
    due = earlier (due, self->chores_ms);
    for (size_t i = 0; i < self->n_sources; i++)
        due = earlier (due, source_due_ms (self->sources[i]));
    return due;
}

// ---- run --once

static int64_t
count (const desk_t *self, const char *table)
{
    char sql[80];
    snprintf (sql, sizeof sql, "SELECT count(*) FROM %s", table);
    return ledger_number (self->setup->db, 0, sql, "");
}

static size_t
unread (const desk_t *self)
{
    size_t n = 0;
    for (size_t i = 0; i < self->n_sources; i++)
        n += !source_is_read (self->sources[i]);
    return n;
}

bool
desk_is_settled (const desk_t *self)
{
    return self->is_idle && unread (self) == 0 && count (self, "desk_outgoing") == 0 &&
           count (self, "desk_act") == 0;
}

void
desk_waits_for (const desk_t *self, char *text, size_t size)
{
    snprintf (text, size,
              "%zu sources not read, %lld messages without the broker's answer, %lld acts without "
              "their case",
              unread (self), (long long) count (self, "desk_outgoing"),
              (long long) count (self, "desk_act"));
}
