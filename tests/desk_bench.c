/*
 * desk_bench - what a room of the desk stands on: a world, settings, a ledger, a connector.
 */
#include "desk_bench.h"
#include "ledger.h"

#include <assert.h>
#include <stdio.h>

static void
wake (void *arg)
{
    desk_bench_t *self = arg;
    self->wakes++;
}

void
desk_bench_begin (desk_bench_t *self, const char *conf, connector_t *connector)
{
    char trouble[SETTINGS_PROBLEM_BYTES] = "";
    problem_t problem;
    *self = (desk_bench_t){.world = desk_world_new ()};
    self->settings = conf ? settings_read (conf, desk_settings (), trouble) : NULL;
    if (conf && !self->settings)
        printf ("Bail out! %s\n", trouble);
    assert (!conf || self->settings);
    self->setup = (desk_setup_t){.settings = self->settings,
                                 .kask = desk_world_kask (self->world),
                                 .db = kask_store (desk_world_kask (self->world)),
                                 .connector = connector,
                                 .wake = wake,
                                 .wake_arg = self};
    bool prepared = ledger_prepare (self->setup.db, &problem);
    assert (prepared);
}

void
desk_bench_end (desk_bench_t *self)
{
    settings_destroy (&self->settings);
    desk_world_destroy (&self->world);
}

int64_t
desk_bench_number (const desk_bench_t *self, const char *sql)
{
    return ledger_number (self->setup.db, -1, sql, "");
}
