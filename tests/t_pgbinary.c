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

int
main (void)
{
    integers ();
    widths ();
    texts_and_nulls ();
    many ();
    return tap_end ();
}
