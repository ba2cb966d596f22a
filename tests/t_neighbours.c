/*
 * t_neighbours - others' offerings reach the system in batches, and one that it refuses stops no
 * other.
 */
#include "desk_bench.h"
#include "neighbours.h"
#include "scratch.h"
#include "tap.h"

static const char settings_file[] =
    "partner = anton\nstate = var\nconnector = files\nattempts = 2\n"
    "[write]\nofferings = %s\nbatch = 2\n";

// One request a task, the keys of its offerings one behind the other.
static const char program[] =
    "if .step == 0 then {request: {keys: ([.task.offerings[].key] | join (\" \"))}} else {} end\n";

typedef struct {
    connector_t base; // first
    char seen[400];   // the keys of each request, a line each
    bool down;
} system_t;

typedef struct {
    desk_bench_t desk;
    system_t system;
    neighbours_t *neighbours;
} bench_t;

// Refuses whatever has the offering "bad".
static connector_result_t
perform (connector_t *base, jv request, const attachment_t *attachments, size_t n, jv *response,
         problem_t *problem)
{
    (void) attachments, (void) n;
    system_t *self = (system_t *) base;
    jv keys = jv_object_get (jv_copy (request), jv_string ("keys"));
    size_t at = strlen (self->seen);
    snprintf (self->seen + at, sizeof self->seen - at, "%s\n", jv_string_value (keys));
    bool is_bad = strstr (jv_string_value (keys), "bad") != NULL;
    jv_free (keys);
    if (!self->down && !is_bad) {
        *response = jv_object ();
        return CONNECTOR_OK;
    }
    problem_set (problem, PROBLEM_RECORD, "", "", "the system says no");
    return self->down ? CONNECTOR_LATER : CONNECTOR_REFUSED;
}

static void
bench_begin (bench_t *self, const char *path)
{
    char text[400];
    snprintf (text, sizeof text, settings_file, path);
    scratch_write ("adapter.conf", text);
    scratch_write ("good.jq", program);
    scratch_write ("ouch.jq", "error (\"ouch\")\n");
    *self = (bench_t){.system = {.base = {.perform = perform}}};
    desk_bench_begin (&self->desk, scratch_path ("adapter.conf"), &self->system.base);
    self->neighbours = neighbours_new (&self->desk.setup);
}

static void
bench_end (bench_t *self)
{
    neighbours_destroy (&self->neighbours);
    desk_bench_end (&self->desk);
}

static int64_t
notes (const bench_t *self)
{
    return desk_bench_number (&self->desk,
                              "SELECT count (*) FROM desk_problem WHERE source = 'neighbours'");
}

static int
steps (bench_t *self)
{
    int n = 0;
    while (n < 20 && neighbours_step (self->neighbours))
        n++;
    return n;
}

static void
they_come_in_batches_in_their_order (void)
{
    bench_t bench;
    bench_begin (&bench, "good.jq");
    ok (!neighbours_step (bench.neighbours), "without an offering there is nothing to do");
    desk_world_offer (bench.desk.world, "one");
    desk_world_offer (bench.desk.world, "two");
    desk_world_offer (bench.desk.world, "three");
    is_int (steps (&bench), 2, "three offerings are two batches of at most two");
    is_text (bench.system.seen, "one two\nthree\n", "in the order in which they came");
    neighbours_destroy (&bench.neighbours);
    bench.neighbours = neighbours_new (&bench.desk.setup);
    ok (!neighbours_step (bench.neighbours), "after a restart none comes again");
    ok (neighbours_due_ms (bench.neighbours) == INT64_MAX, "and it waits for news");
    bench_end (&bench);
}

static void
one_that_is_refused_stops_no_other (void)
{
    bench_t bench;
    bench_begin (&bench, "good.jq");
    desk_world_offer (bench.desk.world, "one");
    desk_world_offer (bench.desk.world, "bad");
    desk_world_offer (bench.desk.world, "two");
    desk_world_offer (bench.desk.world, "three");
    is_int (steps (&bench), 4, "a batch that is refused is tried one by one, the next is a batch");
    is_text (bench.system.seen, "one bad\none\nbad\ntwo three\n", "each of the others is brought");
    is_int (notes (&bench), 1, "the refused one is noted for a person");
    bench_end (&bench);
}

static void
a_system_that_is_down_gets_them_later (void)
{
    bench_t bench;
    bench_begin (&bench, "good.jq");
    desk_world_offer (bench.desk.world, "one");
    bench.system.down = true;
    bench.desk.setup.retry_ms = 60000;
    ok (!neighbours_step (bench.neighbours), "a system that is down takes nothing");
    ok (neighbours_due_ms (bench.neighbours) < INT64_MAX, "it is asked again by itself");
    ok (!neighbours_step (bench.neighbours), "but not before its time");
    is_text (bench.system.seen, "one\n", "so it was asked once");
    is_int (notes (&bench), 0, "nothing was passed over");
    bench_end (&bench);
}

static void
a_program_that_fails_on_one_is_given_it_twice (void)
{
    bench_t bench;
    bench_begin (&bench, "ouch.jq");
    desk_world_offer (bench.desk.world, "one");
    ok (!neighbours_step (bench.neighbours), "the program fails");
    is_int (notes (&bench), 0, "once is not often enough");
    ok (neighbours_step (bench.neighbours), "after as many attempts as are set it is passed over");
    is_int (notes (&bench), 1, "with a note");
    bench_end (&bench);
}

static void
without_a_program_they_stay (void)
{
    bench_t bench;
    bench_begin (&bench, "\"\"");
    desk_world_offer (bench.desk.world, "one");
    ok (!neighbours_step (bench.neighbours), "no program, no offering");
    is_text (bench.system.seen, "", "and no request");
    bench_end (&bench);
}

int
main (void)
{
    scratch_begin ();
    they_come_in_batches_in_their_order ();
    one_that_is_refused_stops_no_other ();
    a_system_that_is_down_gets_them_later ();
    a_program_that_fails_on_one_is_given_it_twice ();
    without_a_program_they_stay ();
    return tap_end ();
}
