/*
 * catalogue - what changed among the offerings, read by cursor.
 *
 * The cursor is a position in the order of commits.  One that lies behind the
 * last change is of a database that was lost: RESYNC.
 */
#include "catalogue.h"
#include "statements.h"

#include <stdlib.h>

struct catalogue_s {
    store_t *store;
    sessions_t *sessions;
};

typedef struct {
    catalogue_t *catalogue;
    uint64_t session;
} reading_t;

// The records of one answer, while it is made.
typedef struct {
    Kask__CatalogueRecord records[LIMIT_PULL_RECORDS];
    Kask__CatalogueRecord *pointers[LIMIT_PULL_RECORDS];
    frame_t frames[2 * LIMIT_PULL_RECORDS];
    size_t n;
} page_t;

catalogue_t *
catalogue_new (store_t *store, sessions_t *sessions)
{
    catalogue_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->store = store;
    self->sessions = sessions;
    return self;
}

void
catalogue_destroy (catalogue_t **self_p)
{
    free (*self_p);
    *self_p = NULL;
}

static uint64_t
last_change (const catalogue_t *self)
{
    return (uint64_t) store_counters (self->store)->change;
}

static void
answer (catalogue_t *self, session_t *session, Kask__Catalogue *catalogue, const page_t *page)
{
    Kask__Reply reply = KASK__REPLY__INIT;
    reply.reply_case = KASK__REPLY__REPLY_CATALOGUE;
    reply.catalogue = catalogue;
    session->pull_waits = false;
    session_reply (self->sessions, session, &reply, page ? page->frames : NULL,
                   page ? 2 * page->n : 0, false);
}

static void
answer_resync (catalogue_t *self, session_t *session)
{
    Kask__Catalogue catalogue = KASK__CATALOGUE__INIT;
    catalogue.resync = true;
    answer (self, session, &catalogue, NULL);
}

// The columns of CATALOGUE_FROM.
static void
page_add (page_t *page, const registry_t *registry, const PGresult *result, int row)
{
    const partner_t *publisher = registry_by_no (registry, (int) cell_int (result, row, 0));
    if (!publisher)
        return;
    Kask__CatalogueRecord *record = &page->records[page->n];
    kask__catalogue_record__init (record);
    record->publisher = (char *) publisher->id;
    record->change = (uint64_t) cell_int (result, row, 1);
    record->accepted_at_ms = cell_int (result, row, 2);
    record->withdrawn = cell_int (result, row, 3) != 0;
    page->pointers[page->n] = record;
    for (int part = 0; part < 2; part++) {
        frame_t *frame = &page->frames[2 * page->n + (size_t) part];
        frame->data = cell_bytes (result, row, 4 + part, &frame->size);
    }
    page->n++;
}

static void
answer_rows (catalogue_t *self, session_t *session, const PGresult *result)
{
    page_t *page = calloc (1, sizeof *page);
    if (!page)
        abort ();
    int rows = PQntuples (result);
    uint64_t cursor = last_change (self); // no row: nothing lies between the cursor and the end
    for (int row = 0; row < rows && page->n < LIMIT_PULL_RECORDS; row++) {
        page_add (page, store_registry (self->store), result, row);
        cursor = (uint64_t) cell_int (result, row, 1);
    }
    Kask__Catalogue catalogue = KASK__CATALOGUE__INIT;
    catalogue.n_records = page->n;
    catalogue.records = page->pointers;
    catalogue.cursor = cursor;
    catalogue.more = cursor < last_change (self);
    answer (self, session, &catalogue, page);
    free (page);
}

static void
on_records (void *arg, run_outcome_t outcome, PGresult *const *results, int n, const char *problem)
{
    (void) n;
    (void) problem;
    reading_t *reading = arg;
    catalogue_t *self = reading->catalogue;
    session_t *session = sessions_by_id (self->sessions, reading->session);
    free (reading);
    if (!session)
        return;
    session->pull_reads = false;
    if (outcome == RUN_OK && session->pull_waits)
        answer_rows (self, session, results[0]);
}

static int64_t
limited (uint64_t wanted, int64_t most)
{
    return wanted == 0 || wanted > (uint64_t) most ? most : (int64_t) wanted;
}

static void
read_records (catalogue_t *self, session_t *session)
{
    reading_t *reading = malloc (sizeof *reading);
    if (!reading)
        abort ();
    *reading = (reading_t){self, session->id};
    session->pull_reads = true;
    run_t *run = run_new (on_records, reading);
    run_call (run, READ_CATALOGUE_FROM);
    run_int8 (run, (int64_t) session->pull_cursor);
    run_int8 (run, limited (session->pull_records, LIMIT_PULL_RECORDS));
    run_int8 (run, limited (session->pull_bytes, LIMIT_PULL_BYTES));
    database_put (store_reader (self->store), &run, -1);
}

static void
consider (catalogue_t *self, session_t *session)
{
    if (session->is_over || !session->pull_waits || session->pull_reads ||
        store_condition (self->store) != STORE_READY ||
        !database_is_up (store_reader (self->store)))
        return;
    if (session->pull_cursor > last_change (self))
        answer_resync (self, session);
    else if (session->pull_cursor < last_change (self))
        read_records (self, session);
}

void
catalogue_pull (catalogue_t *self, session_t *session, const Kask__Pull *pull)
{
    session->pull_waits = true;
    session->pull_cursor = pull->cursor;
    session->pull_records = pull->max_records;
    session->pull_bytes = pull->max_bytes;
    consider (self, session);
}

void
catalogue_changed (catalogue_t *self)
{
    for (session_t *s = sessions_first (self->sessions); s; s = s->next)
        consider (self, s);
}
