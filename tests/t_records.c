/*
 * t_records - what a reading means: publish, hold, withdraw, or hold it all.
 */
#include "ledger.h"
#include "records.h"
#include "tap.h"

#include <stdlib.h>

static sqlite3 *db;

static jv
import (const char *keys, bool complete, int unmappable, const char *held)
{
    jv offerings = jv_array ();
    for (const char *at = keys; *at; at++) {
        char key[] = {*at, '\0'};
        jv offering = jv_object_set (jv_object (), jv_string ("key"), jv_string (key));
        offerings = jv_array_append (offerings, offering);
    }
    jv object = jv_object_set (jv_object (), jv_string ("offerings"), offerings);
    jv held_keys = jv_array ();
    for (const char *at = held; *at; at++)
        held_keys = jv_array_append (held_keys, jv_string_sized (at, 1));
    object = jv_object_set (object, jv_string ("held"), held_keys);
    object = jv_object_set (object, jv_string ("complete"), jv_bool (complete));
    return jv_object_set (object, jv_string ("unmappable"), jv_number (unmappable));
}

// The steps as "publish a, withdraw b", carried out; "held" where the whole reading is.
static const char *
play (const char *source, jv reading, bool confirmed)
{
    static char text[600];
    plan_t plan;
    text[0] = '\0';
    if (!records_plan (&plan, db, source, reading, confirmed))
        return "down";
    jv_free (reading);
    int n = jv_array_length (jv_copy (plan.steps));
    for (int i = 0; i < n; i++) {
        jv step = jv_array_get (jv_copy (plan.steps), i);
        jv what = jv_object_get (jv_copy (step), jv_string ("do")),
           key = jv_object_get (jv_copy (step), jv_string ("key"));
        snprintf (text + strlen (text), sizeof text - strlen (text), "%s%s %s", i ? ", " : "",
                  jv_string_value (what), jv_string_value (key));
        if (!records_note (db, source, step))
            strcat (text, "!");
        jv_free (what);
        jv_free (key);
        jv_free (step);
    }
    int problems = jv_array_length (jv_copy (plan.problems));
    if (problems)
        snprintf (text + strlen (text), sizeof text - strlen (text), "; %d refused", problems);
    if (plan.held)
        strcat (text, "held");
    plan_clear (&plan);
    return text;
}

static void
begin (void)
{
    problem_t problem;
    sqlite3_close (db);
    if (sqlite3_open (":memory:", &db) != SQLITE_OK || !ledger_prepare (db, &problem))
        exit (1);
}

static void
only_a_complete_reading_withdraws (void)
{
    begin ();
    is_text (play ("s", import ("abc", true, 0, ""), false), "publish a, publish b, publish c",
             "what is new is published");
    is_text (play ("s", import ("abc", true, 0, ""), false), "", "what is the same is not");
    is_text (play ("s", import ("ab", false, 0, ""), false), "",
             "an incomplete reading withdraws nothing");
    is_text (play ("s", import ("ab", true, 0, ""), false), "withdraw c", "a complete one does");
    is_text (play ("s", import ("ab", true, 0, ""), false), "", "once");
    is_text (play ("s", import ("abc", true, 0, ""), false), "publish c",
             "what comes back is published again");
}

static void
unmappable_records_keep_their_last_revision (void)
{
    begin ();
    (void) play ("s", import ("abc", true, 0, ""), false);
    is_text (play ("s", import ("ab", true, 0, "c"), false), "hold c",
             "one with a known key is marked");
    is_text (play ("s", import ("ab", true, 0, "c"), false), "", "once");
    is_text (play ("s", import ("abc", true, 0, ""), false), "publish c",
             "and unmarked when it is right again");
    is_text (play ("s", import ("ab", true, 1, ""), false), "hold c",
             "one whose key is not known may be the missing one");
    is_text (play ("s", import ("ab", true, 0, ""), false), "withdraw c",
             "until a reading without it");
    is_text (play ("s", import ("ab", true, 0, "x"), false), "",
             "a bad record that never was good is nothing");
}

static void
two_records_with_one_key_are_both_refused (void)
{
    begin ();
    is_text (play ("s", import ("aab", true, 0, ""), false), "publish b; 1 refused",
             "neither is published");
    (void) play ("s", import ("ab", true, 0, ""), false);
    is_text (play ("s", import ("aab", true, 0, ""), false), "hold a; 1 refused",
             "what was there is kept and marked");
    is_text (play ("t", import ("b", true, 0, ""), false), "; 1 refused",
             "another source's key is taken, too");
}

static void
a_source_that_shrinks_is_held (void)
{
    begin ();
    (void) play ("s", import ("abcdefghijkl", true, 0, ""), false);
    is_text (play ("s", import ("abcdefg", true, 0, ""), false),
             "withdraw h, withdraw i, withdraw j, withdraw k, withdraw l", "five may go at once");
    (void) play ("s", import ("abcdefghijkl", true, 0, ""), false);
    is_text (play ("s", import ("abcdef", true, 0, ""), false),
             "withdraw g, withdraw h, withdraw i, withdraw j, withdraw k, withdraw l",
             "so may half");
    (void) play ("s", import ("abcdefghijkl", true, 0, ""), false);
    is_text (play ("s", import ("abcde", true, 0, ""), false), "held",
             "more than half and more than five is held");
    is_text (play ("s", import ("", true, 0, ""), false), "held", "so is an empty list");
    is_text (play ("s", import ("abcde", true, 0, ""), true),
             "withdraw f, withdraw g, withdraw h, withdraw i, withdraw j, withdraw k, withdraw l",
             "until it is confirmed");
}

int
main (void)
{
    only_a_complete_reading_withdraws ();
    unmappable_records_keep_their_last_revision ();
    two_records_with_one_key_are_both_refused ();
    a_source_that_shrinks_is_held ();
    sqlite3_close (db);
    return tap_end ();
}
