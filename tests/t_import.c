/*
 * t_import - what a reading means for the catalogue reaches the outbox once, or is held for a
 * person.
 */
#include "desk_bench.h"
#include "import.h"
#include "source_row.h"
#include "tap.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { OFFERINGS = 120 }; // more than one transaction takes

typedef struct {
    desk_bench_t desk;
    reading_t reading;
} bench_t;

static bench_t *
bench_new (void)
{
    bench_t *self = calloc (1, sizeof *self);
    assert (self);
    desk_bench_begin (&self->desk, NULL, NULL);
    reading_init (&self->reading, GIVES_OFFERINGS, "list");
    return self;
}

static void
bench_destroy (bench_t **self_p)
{
    bench_t *self = *self_p;
    *self_p = NULL;
    reading_clear (&self->reading);
    desk_bench_end (&self->desk);
    free (self);
}

static jv
offering (int no, const char *title)
{
    char key[20];
    snprintf (key, sizeof key, "K%d", no);
    jv json = jv_parse ("{\"kind\":\"advice\",\"status\":\"active\",\"provider\":{\"name\":\"P\","
                        "\"scheme\":\"0184\",\"number\":\"13585628\"}}");
    json = jv_object_set (json, jv_string ("key"), jv_string (key));
    jv line =
        jv_object_set (jv_parse ("{\"language\":\"da\"}"), jv_string ("text"), jv_string (title));
    return jv_object_set (json, jv_string ("title"), JV_ARRAY (line));
}

// A whole reading of the first `n` offerings; the first of them has `title`.
static import_result_t
import (bench_t *self, int n, const char *title)
{
    problem_t problem;
    reading_clear (&self->reading);
    reading_init (&self->reading, GIVES_OFFERINGS, "list");
    for (int i = 0; i < n; i++)
        self->reading.outputs =
            jv_array_append (self->reading.outputs, offering (i, i == 0 ? title : "Råd"));
    self->reading.records = (size_t) n;
    return import_store (&self->desk.setup, &self->reading, true, jv_invalid (), &problem);
}

static int64_t
count (const bench_t *self, const char *what)
{
    char sql[200];
    snprintf (sql, sizeof sql, "SELECT count (*) FROM %s", what);
    return desk_bench_number (&self->desk, sql);
}

static void
a_list_is_published_once (void)
{
    bench_t *bench = bench_new ();
    is_int (import (bench, OFFERINGS, "Råd"), IMPORT_STORED, "a list is taken");
    is_int (count (bench, "kask_outbox"), OFFERINGS, "each of its offerings is in the outbox");
    is_int (count (bench, "desk_outgoing"), OFFERINGS, "and waits for its answer");
    is_int (bench->desk.wakes, 1, "the network is told");
    is_int (import (bench, OFFERINGS, "Råd"), IMPORT_STORED, "the same list again");
    is_int (count (bench, "kask_outbox"), OFFERINGS, "sends nothing");
    is_int (import (bench, OFFERINGS, "Bedre råd"), IMPORT_STORED, "with one new title");
    is_int (count (bench, "kask_outbox"), OFFERINGS + 1, "sends one");
    is_int (import (bench, OFFERINGS - 1, "Bedre råd"), IMPORT_STORED, "without the last");
    is_int (count (bench, "kask_outbox"), OFFERINGS + 2, "sends one");
    bench_destroy (&bench);
}

static void
what_is_wrong_does_not_stop_the_others (void)
{
    bench_t *bench = bench_new ();
    problem_t problem;
    jv wrong = jv_object_set (offering (1, "Råd"), jv_string ("kind"), jv_string ("magic"));
    jv list = jv_array_append (bench->reading.outputs, wrong);
    bench->reading.outputs = jv_array_append (list, offering (2, "Råd"));
    is_int (import_store (&bench->desk.setup, &bench->reading, true, jv_invalid (), &problem),
            IMPORT_STORED, "a list with an offering that is none");
    is_int (jv_array_length (jv_copy (bench->reading.problems)), 1, "which is set aside");
    is_int (count (bench, "kask_outbox"), 1, "the other is published");
    bench_destroy (&bench);
}

static void
a_list_that_shrinks_is_held_until_a_person_confirms_it (void)
{
    bench_t *bench = bench_new ();
    is_int (import (bench, OFFERINGS, "Råd"), IMPORT_STORED, "a list");
    is_int (import (bench, 3, "Råd"), IMPORT_HELD, "that has but three left is held");
    is_int (count (bench, "kask_outbox"), OFFERINGS, "nothing is withdrawn");
    ok (!import_confirmed (&bench->desk.setup, "list"), "nobody has confirmed it");
    is_int (count (bench, "kask_outbox"), OFFERINGS, "so nothing is withdrawn yet");
    ok (source_row_confirm (bench->desk.setup.db, "list"), "a person confirms it");
    ok (import_confirmed (&bench->desk.setup, "list"), "then it is carried out");
    is_int (count (bench, "kask_outbox"), 2 * OFFERINGS - 3, "the others are withdrawn");
    ok (!import_confirmed (&bench->desk.setup, "list"), "once");
    bench_destroy (&bench);
}

int
main (void)
{
    a_list_is_published_once ();
    what_is_wrong_does_not_stop_the_others ();
    a_list_that_shrinks_is_held_until_a_person_confirms_it ();
    return tap_end ();
}
