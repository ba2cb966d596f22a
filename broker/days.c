/*
 * days - the message table's partitions: made before they are needed, dropped when settled and old.
 */
#include "days.h"
#include "log.h"
#include "statements.h"

#include <inttypes.h>

enum { MAX_COPIED = 10000 }; // open messages of an old day that are copied forward, at most

static void
on_partition (void *arg, run_outcome_t outcome, PGresult *const *results, int n,
              const char *problem)
{
    (void) results;
    (void) n;
    days_t *self = arg;
    if (outcome == RUN_OK)
        return;
    self->made = 0;
    log_warning ("store: no partition could be made for the coming day problem=\"%s\"; trying "
                 "again",
                 problem);
}

static void
on_retired (void *arg, run_outcome_t outcome, PGresult *const *results, int n, const char *problem)
{
    (void) arg;
    (void) n;
    if (outcome != RUN_OK)
        log_warning ("store: old days were not dropped problem=\"%s\"; trying again tomorrow",
                     problem);
    else if (cell_int (results[0], 0, 0) > 0)
        log_info ("store: old days are dropped days=%" PRId64, cell_int (results[0], 0, 0));
}

// What is settled and old leaves, by a transaction of its own.
static void
retire_old (days_t *self, int64_t today, int64_t epoch)
{
    if (!self->keep_days)
        return;
    run_t *run = run_new (on_retired, self);
    run_call (run, READ_RETIRE);
    run_int4 (run, (int32_t) (today - self->keep_days));
    run_int4 (run, (int32_t) today);
    run_int4 (run, MAX_COPIED);
    database_put (self->writer, &run, epoch);
}

void
days_require (days_t *self, int64_t day, int64_t epoch)
{
    if (self->made > day)
        return;
    for (int64_t d = day; d <= day + 1; d++) {
        run_t *run = run_new (on_partition, self);
        run_call (run, READ_PARTITION);
        run_int4 (run, (int32_t) d);
        database_put (self->writer, &run, -1);
    }
    self->made = day + 1;
    retire_old (self, day, epoch);
}
