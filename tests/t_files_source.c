/*
 * t_files_source - a file of the system's is taken whole, once, and moved.
 */
#include "files_bench.h"
#include "log.h"

#include <fcntl.h>
#include <poll.h>

// Waits for the connector's descriptor, as the desk does.  False: nothing within the limit.
static bool
next_within (bench_t *self, int limit_ms)
{
    int64_t until_ms = now_ms () + limit_ms;
    while (now_ms () < until_ms) {
        if (self->connector->next (self->connector, "lines", &self->delivery, &self->problem))
            return true;
        struct pollfd fd = {.fd = self->connector->fd (self->connector), .events = POLLIN};
        poll (&fd, 1, (int) (until_ms - now_ms ()));
    }
    return false;
}

static bool
next (bench_t *self)
{
    return next_within (self, DEADLINE_MS);
}

static void
settle (bench_t *self, const char *reason)
{
    jv_free (self->delivery.records);
    self->connector->settle (self->connector, &self->delivery, reason);
}

static const char *
records_text (const bench_t *self)
{
    static char text[2000];
    jv dump = jv_dump_string (jv_copy (self->delivery.records), JV_PRINT_SORTED);
    snprintf (text, sizeof text, "%s", jv_string_value (dump));
    jv_free (dump);
    return text;
}

static void
a_file_is_read_and_moved (void)
{
    bench_t bench = bench_begin ();
    scratch_write ("root/out/a.csv", "x;y\n1;2\n");
    ok (next (&bench), "a file is found");
    is_text (bench.delivery.name, "a.csv", "  with its name");
    is_text (records_text (&bench), "[{\"line\":2,\"record\":{\"x\":\"1\",\"y\":\"2\"}}]",
             "  with its records");
    ok (bench.delivery.complete, "  and it was read to its end");
    ok (scratch_has ("root/out/a.csv"), "it stays until its acts are stored");
    settle (&bench, NULL);
    ok (!scratch_has ("root/out/a.csv") && scratch_has ("root/out/done/a.csv"),
        "then it is moved to done");
    bench_end (&bench);
}

static void
one_that_is_not_settled_comes_again (void)
{
    bench_t bench = bench_begin ();
    scratch_write ("root/out/a.csv", "x\n1\n");
    ok (next (&bench), "a file is found");
    jv_free (bench.delivery.records);
    bench.connector->destroy (&bench.connector);
    bench.connector = connector_files_new (bench.settings, &bench.problem);
    ok (next (&bench), "and found again by a connector that was begun anew");
    settle (&bench, NULL);
    ok (!next_within (&bench, 200), "but not after it was settled");
    bench_end (&bench);
}

static void
names_in_done_are_unique (void)
{
    bench_t bench = bench_begin ();
    for (int i = 0; i < 3; i++) {
        scratch_write ("root/out/list.csv", "x\n1\n");
        ok (next (&bench), "a list is found each time it is written");
        settle (&bench, NULL);
    }
    is_int (scratch_count ("root/out/done"), 3, "three lists of one name are kept in done");
    bench_end (&bench);
}

static void
a_refused_file_has_its_reason_beside_it (void)
{
    bench_t bench = bench_begin ();
    scratch_write ("root/out/a.csv", "x\n1\n");
    ok (next (&bench), "a file is found");
    settle (&bench, "a.csv:2: x: not a date\n");
    ok (scratch_has ("root/out/refused/a.csv"), "it is in refused");
    is_text (scratch_read ("root/out/refused/a.csv.reason.txt"), "a.csv:2: x: not a date\n",
             "  with the reason beside it");
    bench_end (&bench);
}

static void
files_come_in_the_order_of_names (void)
{
    bench_t bench = bench_begin ();
    static const char *const names[] = {"3.csv", "1.csv", "2.csv"};
    for (int i = 0; i < 3; i++) {
        char path[64];
        snprintf (path, sizeof path, "root/out/%s", names[i]);
        scratch_write (path, "x\n1\n");
    }
    for (int i = 1; i <= 3; i++) {
        char want[16];
        snprintf (want, sizeof want, "%d.csv", i);
        ok (next (&bench), "the next file");
        is_text (bench.delivery.name, want, "  is the next by name");
        settle (&bench, NULL);
    }
    bench_end (&bench);
}

static void
a_file_that_grows_is_waited_for (void)
{
    bench_t bench = bench_begin ();
    int fd = open (scratch_path ("root/out/a.csv"), O_CREAT | O_WRONLY, 0644);
    scratch_write ("root/out/b.csv", "x\n2\n");
    ok (write (fd, "x\n", 2) == 2, "half a file is written");
    ok (!next_within (&bench, 250),
        "while a writer has it open, neither it nor what follows it is taken");
    ok (write (fd, "1\n", 2) == 2 && close (fd) == 0, "the other half is written");
    ok (next (&bench), "then it is taken");
    is_text (records_text (&bench), "[{\"line\":2,\"record\":{\"x\":\"1\"}}]", "  whole");
    settle (&bench, NULL);
    bench_end (&bench);
}

static void
one_that_is_never_whole_does_not_block_for_ever (void)
{
    bench_t bench = bench_begin ();
    int fd = open (scratch_path ("root/out/a.csv"), O_CREAT | O_WRONLY, 0644);
    scratch_write ("root/out/b.csv", "x\n2\n");
    ok (next (&bench), "after a while the file behind it is taken");
    is_text (bench.delivery.name, "b.csv", "  the one behind it");
    settle (&bench, NULL);
    close (fd);
    bench_end (&bench);
}

static void
temporary_names_links_and_pipes_are_left_alone (void)
{
    bench_t bench = bench_begin ();
    scratch_write ("secret.csv", "x\n1\n");
    scratch_write ("root/out/a.csv.tmp", "x\n1\n");
    scratch_write ("root/out/.a.csv", "x\n1\n");
    scratch_write ("root/out/~a.csv", "x\n1\n");
    scratch_write ("root/out/a.txt", "x\n1\n");
    ok (symlink (scratch_path ("secret.csv"), scratch_path ("root/out/link.csv")) == 0,
        "there is a link");
    ok (mkfifo (scratch_path ("root/out/pipe.csv"), 0644) == 0, "and a pipe");
    scratch_folder ("root/out/folder.csv");
    ok (!next_within (&bench, 300), "nothing of it is taken");
    bench_end (&bench);
}

static void
a_newer_list_of_the_same_name_is_not_lost (void)
{
    bench_t bench = bench_begin ();
    scratch_write ("root/out/a.csv", "x\n1\n");
    ok (next (&bench), "a list is found");
    scratch_write ("root/out/new", "x\n1\n2\n");
    ok (rename (scratch_path ("root/out/new"), scratch_path ("root/out/a.csv")) == 0,
        "the system writes it anew");
    settle (&bench, NULL);
    ok (scratch_has ("root/out/a.csv"), "the new one stays where it is");
    ok (next (&bench), "and is read in its turn");
    is_int (jv_array_length (jv_copy (bench.delivery.records)), 2, "  with its two records");
    settle (&bench, NULL);
    bench_end (&bench);
}

static void
too_large_and_broken_files_come_as_problems (void)
{
    bench_t bench = bench_begin ();
    scratch_write ("root/out/a.csv", "x;y\n1;\"2\n");
    ok (next (&bench), "a file with an open quote is handed over");
    ok (!bench.delivery.complete && strstr (records_text (&bench), "\"problem\""),
        "  as a problem, not complete");
    settle (&bench, "broken");
    ok (truncate (scratch_path ("root/out/refused/a.csv"), 17 * 1024 * 1024) == 0 &&
            rename (scratch_path ("root/out/refused/a.csv"), scratch_path ("root/out/b.csv")) == 0,
        "there is a file above the limit");
    ok (next (&bench), "it is handed over");
    ok (!bench.delivery.complete && strstr (records_text (&bench), "larger than"),
        "  as a problem, unread");
    settle (&bench, "too large");
    ok (scratch_has ("root/out/refused/b.csv"), "  and can be refused");
    bench_end (&bench);
}

static void
a_missing_folder_is_said_and_found_later (void)
{
    bench_t bench = bench_begin ();
    ok (rmdir (scratch_path ("root/out")) == 0, "the folder goes away");
    ok (!bench.connector->next (bench.connector, "lines", &bench.delivery, &bench.problem),
        "nothing is found");
    ok (bench.problem.scope == PROBLEM_FILE && strstr (bench.problem.what, "cannot be opened"),
        "  and it says why");
    scratch_folder ("root/out");
    scratch_write ("root/out/a.csv", "x\n1\n");
    ok (next (&bench), "when it is back it is read again");
    settle (&bench, NULL);
    bench_end (&bench);
}

int
main (void)
{
    log_set_level (LOG_LEVEL_ERROR);
    a_file_is_read_and_moved ();
    one_that_is_not_settled_comes_again ();
    names_in_done_are_unique ();
    a_refused_file_has_its_reason_beside_it ();
    files_come_in_the_order_of_names ();
    a_file_that_grows_is_waited_for ();
    one_that_is_never_whole_does_not_block_for_ever ();
    temporary_names_links_and_pipes_are_left_alone ();
    a_newer_list_of_the_same_name_is_not_lost ();
    too_large_and_broken_files_come_as_problems ();
    a_missing_folder_is_said_and_found_later ();
    return tap_end ();
}
