/*
 * t_reference - the short reference finds every single mistake and every swap.
 */
#include "reference.h"
#include "tap.h"

#include <ctype.h>
#include <string.h>

// What a person can say or type; those that stand for one of them are left out.
static const char characters[] = "0123456789AFKMRWX";

static const int64_t numbers[] = {
    0,     1,     2,       3,         16,        17,        100,        999,           4912,
    83520, 83521, 1000000, 410338672, 410338673, 410338674, 5000000000, 34271896307632};

enum { N_NUMBERS = sizeof numbers / sizeof numbers[0] };

static void
every_number_comes_back (void)
{
    int wrong = 0;
    for (int64_t no = 0; no < 200000; no++) {
        char text[REFERENCE_TEXT_BYTES];
        int64_t back = -1;
        reference_write (no, text);
        wrong += !reference_read (text, &back) || back != no;
    }
    for (int i = 0; i < N_NUMBERS; i++) {
        char text[REFERENCE_TEXT_BYTES];
        int64_t back = -1;
        reference_write (numbers[i], text);
        wrong += !reference_read (text, &back) || back != numbers[i];
    }
    is_int (wrong, 0, "every number comes back");
}

static int
substitutions_that_pass (const char *text)
{
    int passed = 0;
    int64_t no;
    char other[REFERENCE_TEXT_BYTES];
    strcpy (other, text);
    for (size_t i = 0; text[i]; i++) {
        for (const char *c = characters; text[i] != '-' && *c; c++) {
            other[i] = *c;
            passed += *c != text[i] && reference_read (other, &no);
        }
        other[i] = text[i];
    }
    return passed;
}

// Neighbours are neighbours whether a dash stands between them or not.
static int
swaps_that_pass (const char *text)
{
    int passed = 0;
    int64_t no;
    for (size_t i = 0; text[i]; i++) {
        size_t next = i + 1 + (text[i + 1] == '-');
        if (text[i] == '-' || !text[next] || text[i] == text[next])
            continue;
        char other[REFERENCE_TEXT_BYTES];
        strcpy (other, text);
        other[i] = text[next];
        other[next] = text[i];
        passed += reference_read (other, &no);
    }
    return passed;
}

static void
single_mistakes_are_found (void)
{
    int substitutions = 0, swaps = 0;
    for (int64_t no = 0; no < 2000; no++) {
        char text[REFERENCE_TEXT_BYTES];
        reference_write (no < N_NUMBERS ? numbers[no] : no * 205157, text);
        substitutions += substitutions_that_pass (text);
        swaps += swaps_that_pass (text);
    }
    is_int (substitutions, 0, "every single wrong character is found");
    is_int (swaps, 0, "every swap of neighbours is found");
}

static void
missing_and_doubled_characters_are_found (void)
{
    int passed = 0;
    for (int n = 0; n < N_NUMBERS; n++) {
        char text[REFERENCE_TEXT_BYTES], other[REFERENCE_TEXT_BYTES + 1];
        reference_write (numbers[n], text);
        for (size_t i = 0; text[i]; i++) {
            int64_t no;
            snprintf (other, sizeof other, "%.*s%s", (int) i, text, text + i + 1);
            passed += text[i] != '-' && reference_read (other, &no);
            snprintf (other, sizeof other, "%.*s%s", (int) i + 1, text, text + i);
            passed += text[i] != '-' && reference_read (other, &no);
        }
    }
    is_int (passed, 0, "a character too few or too many is found");
}

static void
neighbouring_numbers_look_different (void)
{
    int alike = 0;
    for (int64_t no = 1; no < 1000; no++) {
        char text[REFERENCE_TEXT_BYTES], next[REFERENCE_TEXT_BYTES];
        reference_write (no, text);
        reference_write (no + 1, next);
        int same = 0;
        for (size_t i = 0; text[i]; i++)
            same += text[i] != '-' && text[i] == next[i];
        alike += same > 5;
    }
    is_int (alike, 0, "neighbouring numbers differ in three places at least");
}

static void
people_write_it_as_they_like (void)
{
    static const struct {
        const char *name;
        const char *text;
        int64_t no; // -1: refused
    } cases[] = {{"as it is printed", "A8A6-MW3F", 1},
                 {"lower case", "a8a6-mw3f", 1},
                 {"no dash", "a8a6mw3f", 1},
                 {"spaces and dots", " A8 A6.MW 3F ", 1},
                 {"O for 0", "4O3M-AM6W", 2},
                 {"l for 1", "686A-3lR5", 410338672},
                 {"I for 1", "686A-3IR5", 410338672},
                 {"three groups", "K382-0000-000R", 410338673},
                 {"a letter that no reference has", "A8A6-MW3E", -1},
                 {"nothing", "", -1},
                 {"only dashes", "----", -1},
                 {"far too long", "A8A6-MW3F-A8A6-MW3F-A8A6-MW3F", -1},
                 {"a letter of another alphabet",
                  "\xc3\x85"
                  "8A6-MW3F",
                  -1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t no = -1;
        reference_read (cases[i].text, &no);
        is_int (no, cases[i].no, cases[i].name);
    }
}

int
main (void)
{
    every_number_comes_back ();
    single_mistakes_are_found ();
    missing_and_doubled_characters_are_found ();
    neighbouring_numbers_look_different ();
    people_write_it_as_they_like ();
    return tap_end ();
}
