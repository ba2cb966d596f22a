/*
 * t_store - transactions, failures and their words, a full disk, several handles on one file.
 */
#include "fact.h"
#include "store.h"

#include "disk.h"
#include "scratch.h"
#include "tap.h"

#include <assert.h>
#include <sys/wait.h>

static kask_error_t error;

// A store in a folder of its own.
static store_t *
store_new (const char *name)
{
    scratch_folder (name);
    store_t *store = store_create (scratch_path (name), &error);
    if (!store)
        printf ("Bail out! %s\n", error.text);
    assert (store);
    return store;
}

static store_t *
open_again (const char *name)
{
    error.text[0] = '\0';
    return store_open (scratch_path (name), &error);
}

static bool
begin (store_t *store)
{
    return store_begin (store, &error);
}

static bool
says (const char *words)
{
    bool said = strstr (error.text, words) != NULL;
    if (!said)
        printf ("# \"%s\" is not in: %s\n", words, error.text);
    return said;
}

// ---------------------------------------------------------------- transactions

static void
a_transaction_is_all_or_nothing (void)
{
    store_t *store = store_new ("whole");
    ok (begin (store), "a transaction begins");
    fact_put_number (store, "one", 1);
    ok (store_commit (store, &error), "is committed");
    ok (begin (store), "another begins");
    fact_put_number (store, "one", 2);
    store_rollback (store);
    is_int (fact_number (store, "one"), 1, "what was undone is not there");
    ok (begin (store), "a third begins");
    fact_put_number (store, "one", 3);
    ok (!store_run (store, "INSERT INTO nowhere VALUES (1)", ""), "a statement fails");
    ok (store_has_failed (store), "that is remembered");
    ok (!store_run (store, "DELETE FROM kask_fact", ""), "later ones are not tried");
    ok (!store_commit (store, &error), "and the commit is refused");
    ok (says ("nothing was stored") && says ("no such table"), "with its reason");
    is_int (fact_number (store, "one"), 1, "nothing of it is there");
    store_destroy (&store);
}

static void
a_part_can_be_undone_alone (void)
{
    store_t *store = store_new ("part");
    ok (begin (store), "the program begins");
    fact_put_number (store, "mine", 1);
    ok (store_enter (store, &error), "a call enters");
    fact_put_number (store, "call", 1);
    ok (!store_leave (store, false, &error), "and is undone");
    ok (store_enter (store, &error), "another enters");
    ok (!store_run (store, "INSERT INTO nowhere VALUES (1)", ""), "fails");
    ok (!store_leave (store, true, &error), "and is undone");
    ok (says ("no such table"), "with its reason");
    ok (store_commit (store, &error), "the program commits all the same");
    is_int (fact_number (store, "mine"), 1, "what it wrote is there");
    is_int (fact_number (store, "call"), 0, "what the call wrote is not");
    store_destroy (&store);
}

static void
facts_have_a_size (void)
{
    store_t *store = store_new ("facts");
    uint8_t in[] = {1, 2, 3}, out[3] = {0};
    ok (begin (store), "facts are written");
    fact_put_bytes (store, "bytes", in, sizeof in);
    ok (store_commit (store, &error), "and committed");
    ok (fact_bytes (store, "bytes", out, sizeof out) && memcmp (in, out, 3) == 0, "they are read");
    ok (!fact_bytes (store, "bytes", out, 2), "in another size they are not");
    ok (!fact_bytes (store, "other", out, 3), "nor is what was never written");
    store_destroy (&store);
}

// ---------------------------------------------------------------- opening

static void
what_cannot_be_opened_is_said (void)
{
    store_t *store = store_new ("open");
    ok (!store_create (scratch_path ("open"), &error), "a store is not made over another");
    ok (says ("File exists") && says ("nothing was done"), "and says so");
    ok (begin (store), "its version");
    store_run (store, "PRAGMA user_version = 99", "");
    ok (store_commit (store, &error), "becomes another");
    store_destroy (&store);
    ok (!open_again ("open"), "it is not opened then");
    ok (says ("version 99") && says ("nothing was changed"), "and says so");
    scratch_folder ("empty");
    ok (!open_again ("empty") && says ("kask-adapter init"), "a missing one is not made");
    scratch_folder ("noise");
    scratch_write ("noise/kask.db", "this is no database, but long enough to be looked at");
    ok (!open_again ("noise") && says ("damaged"), "what is none is called damaged");
}

static void
two_handles_share_a_file (void)
{
    store_t *one = store_new ("shared"), *two = open_again ("shared");
    ok (two != NULL, "a second handle opens");
    ok (begin (one), "the first writes");
    fact_put_number (one, "n", 1);
    is_int (fact_number (two, "n"), 0, "the second reads what was before, and does not wait");
    sqlite3_busy_timeout (store_database (two), 30);
    ok (!begin (two) && store_is_busy (two), "it cannot write meanwhile");
    ok (says ("nothing was stored") && says ("another process") && says ("try again"),
        "and says why");
    ok (store_commit (one, &error), "the first commits");
    is_int (fact_number (two, "n"), 1, "the second sees it");
    ok (begin (two) && store_commit (two, &error), "and can write");
    store_destroy (&one);
    store_destroy (&two);
}

// A store as a copy can be: whole, and not yet switched to WAL.
static void
unswitch (const char *name)
{
    store_t *store = store_new (name);
    int code =
        sqlite3_exec (store_database (store), "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    assert (code == SQLITE_OK);
    store_destroy (&store);
}

// Waits for the start, opens, writes; its exit code.
static int
race (const char *name, const int start[2])
{
    char byte;
    close (start[1]);
    ssize_t n = read (start[0], &byte, 1);
    (void) n; // the pipe's end is the start
    store_t *store = open_again (name);
    bool good = store && store_begin (store, &error) && store_commit (store, &error);
    if (!good)
        fprintf (stderr, "# %s\n", error.text);
    store_destroy (&store);
    return good ? 0 : 1;
}

static bool
all_open_at_once (const char *name)
{
    enum { RACERS = 4 };
    int start[2], failed = 0;
    unswitch (name);
    int code = pipe (start);
    assert (code == 0);
    for (int i = 0; i < RACERS; i++)
        if (fork () == 0)
            _exit (race (name, start));
    close (start[0]);
    close (start[1]);
    for (int i = 0, status; i < RACERS; i++)
        failed += wait (&status) < 0 || status != 0;
    return failed == 0;
}

static void
many_open_a_new_file_at_once (void)
{
    char name[20];
    int good = 0;
    for (int i = 0; i < 20; i++) {
        snprintf (name, sizeof name, "race-%d", i);
        good += all_open_at_once (name);
    }
    is_int (good, 20, "whoever opens a file that others are opening waits for them");
}

// ---------------------------------------------------------------- a full disk

static void
a_full_disk_is_said_and_passes (void)
{
    static const char blob[20000];
    char folder[600];
    store_t *store = store_new ("full");
    snprintf (folder, sizeof folder, "%s", scratch_path ("full"));
    disk_watch (folder, 0);
    disk_fill (true);
    ok (begin (store), "on a full disk a transaction begins");
    fact_put_bytes (store, "large", blob, sizeof blob);
    ok (!store_commit (store, &error), "and is not committed");
    ok (store_is_full (store) && !store_is_busy (store), "because the disk is full");
    ok (says ("nothing was stored") && says ("the disk is full: make room"), "it says so");
    ok (!store_in_transaction (store), "it is over");
    is_int (store_number (store, 0, "SELECT count (*) FROM kask_fact WHERE name = 'large'", ""), 0,
            "nothing of it is there");
    disk_fill (false);
    ok (begin (store), "with room again");
    fact_put_bytes (store, "large", blob, sizeof blob);
    ok (store_commit (store, &error) && !store_is_full (store), "the same is stored");
    store_destroy (&store);
    disk_watch (NULL, 0);
}

static void
room_is_set_aside (void)
{
    store_t *store = store_new ("reserve");
    ok (store_renew_reserve (store) && scratch_has ("reserve/kask.reserve"), "room is set aside");
    ok (store_use_reserve (store) && !scratch_has ("reserve/kask.reserve"), "it is given back");
    ok (!store_use_reserve (store), "once");
    ok (store_renew_reserve (store), "and set aside again");
    store_destroy (&store);
}

int
main (void)
{
    scratch_begin ();
    disk_install ();
    a_transaction_is_all_or_nothing ();
    a_part_can_be_undone_alone ();
    facts_have_a_size ();
    what_cannot_be_opened_is_said ();
    two_handles_share_a_file ();
    many_open_a_new_file_at_once ();
    a_full_disk_is_said_and_passes ();
    room_is_set_aside ();
    return tap_end ();
}
