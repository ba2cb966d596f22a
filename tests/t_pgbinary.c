/*
 * t_pgbinary - arrays in PostgreSQL's binary form.
 */
#include "pgbinary.h"
#include "tap.h"

#include <string.h>

static bool
is_column (column_t *column, const void *want, size_t size)
{
    int got;
    const uint8_t *bytes = column_value (column, &got);
    return (size_t) got == size && memcmp (bytes, want, size) == 0;
}

static void
integers (void)
{
    static const uint8_t want[] = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 23, 0, 0, 0,   2,   0,   0,
                                   0, 1, 0, 0, 0, 4, 0, 0, 1, 2, 0, 0,  0, 4, 255, 255, 255, 255};
    column_t column;
    column_init (&column, PG_INT4);
    column_int (&column, 258);
    column_int (&column, -1);
    ok (is_column (&column, want, sizeof want), "an int[] of two, one negative");
    column_reset (&column);
    column_int (&column, 258);
    column_int (&column, -1);
    ok (is_column (&column, want, sizeof want), "the same after a reset");
    column_free (&column);
}

static void
widths (void)
{
    static const struct {
        pg_type_t type;
        int bytes;
    } rows[] = {{PG_BOOL, 1}, {PG_INT2, 2}, {PG_INT4, 4}, {PG_INT8, 8}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        column_t column;
        column_init (&column, rows[i].type);
        column_int (&column, 1);
        int size;
        const uint8_t *bytes = column_value (&column, &size);
        ok (size == 24 + rows[i].bytes && bytes[11] == rows[i].type && bytes[23] == rows[i].bytes &&
                bytes[size - 1] == 1,
            "an integer has its type's width");
        column_free (&column);
    }
}

static void
texts_and_nulls (void)
{
    static const uint8_t want[] = {0, 0, 0, 1, 0, 0, 0, 1,   0,   0,   0,   25,  0,   0, 0, 3, 0,
                                   0, 0, 1, 0, 0, 0, 2, 'a', 'b', 255, 255, 255, 255, 0, 0, 0, 0};
    column_t column;
    column_init (&column, PG_TEXT);
    column_text (&column, "ab");
    column_null (&column);
    column_text (&column, "");
    ok (is_column (&column, want, sizeof want),
        "a text[] with a null, and an empty text beside it");
    column_free (&column);
}

static void
many (void)
{
    column_t column;
    column_init (&column, PG_BYTEA);
    static uint8_t body[1000];
    for (int i = 0; i < 3000; i++)
        column_bytes (&column, body, sizeof body);
    int size;
    (void) column_value (&column, &size);
    is_int (size, 20 + 3000 * 1004, "an array of 3,000 rows has all of them");
    column_free (&column);
}

// ---- rows that were read back

enum { INT4_ARRAY = 1007 };

static PGresult *
row_of (unsigned type, const void *bytes, int size)
{
    PGresAttDesc column = {.name = (char *) "", .format = 1, .typid = type};
    PGresult *result = PQmakeEmptyPGresult (NULL, PGRES_TUPLES_OK);
    ok (result && PQsetResultAttrs (result, 1, &column) &&
            PQsetvalue (result, 0, 0, (char *) bytes, size),
        "a row is made");
    return result;
}

#define ARRAY(dimensions, count) "\0\0\0" dimensions "\0\0\0\0\0\0\0\27\0\0\0" count "\0\0\0\1"

static void
rows_fit_their_types (void)
{
    static const struct {
        const char *name;
        unsigned type;
        const char *bytes;
        int size; // -1: null
        bool fits;
    } rows[] = {
        {"a bool", PG_BOOL, "\1", 1, true},
        {"an int8", PG_INT8, "\0\0\0\0\0\0\0\7", 8, true},
        {"an int8 of 4 bytes", PG_INT8, "\0\0\0\7", 4, false},
        {"an int2 of 8 bytes", PG_INT2, "\0\0\0\0\0\0\0\7", 8, false},
        {"an int4 of none", PG_INT4, "", 0, false},
        {"an int4 that is null", PG_INT4, "", -1, false},
        {"a bytea of any length", PG_BYTEA, "abc", 3, true},
        {"a bytea that is null", PG_BYTEA, "", -1, true},
        {"a list of one", INT4_ARRAY, ARRAY ("\1", "\1") "\0\0\0\4\0\0\0\7", 28, true},
        {"an empty list", INT4_ARRAY, "\0\0\0\0\0\0\0\0\0\0\0\27", 12, true},
        {"a list that is null", INT4_ARRAY, "", -1, false},
        {"a list cut short", INT4_ARRAY, ARRAY ("\1", "\1") "\0\0\0\4\0\0", 26, false},
        {"a list with a null", INT4_ARRAY, ARRAY ("\1", "\1") "\377\377\377\377\0\0\0\0", 28,
         false},
        {"a list that says more", INT4_ARRAY, ARRAY ("\1", "\2") "\0\0\0\4\0\0\0\7", 28, false},
        {"a table", INT4_ARRAY, ARRAY ("\2", "\1") "\0\0\0\4\0\0\0\7", 28, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        PGresult *result = row_of (rows[i].type, rows[i].bytes, rows[i].size);
        ok (rows_fit (result) == rows[i].fits, rows[i].name);
        PQclear (result);
    }
}

static void
lists_are_read_up_to_their_most (void)
{
    column_t column;
    column_init (&column, PG_INT4);
    for (int i = 0; i < 5; i++)
        column_int (&column, i + 1);
    int size;
    const uint8_t *bytes = column_value (&column, &size);
    PGresult *result = row_of (INT4_ARRAY, bytes, size);
    int32_t read[6] = {0};
    is_int (cell_int_array (result, 0, 0, read, 6), 5, "a list of five");
    is_int (read[4], 5, "to its last");
    int32_t fewer[3] = {0, 0, 99};
    is_int (cell_int_array (result, 0, 0, fewer, 2), 2, "of which two have room");
    ok (fewer[1] == 2 && fewer[2] == 99, "and nothing else is touched");
    PQclear (result);
    column_free (&column);
}

int
main (void)
{
    integers ();
    widths ();
    texts_and_nulls ();
    many ();
    rows_fit_their_types ();
    lists_are_read_up_to_their_most ();
    return tap_end ();
}
