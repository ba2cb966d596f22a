/*
 * csv_columns - the table of columns in a CSV format's options, and one
 * field's way through it.
 *
 * A column has: column (the header's text), name (the record's member;
 * else the header's text), type (text, identifier, decimal, integer,
 * percent, date), style (of numbers), format (of dates: one pattern or
 * several, tried in order; the first one writes), grouping (writing),
 * needed (the file must have the column), required (and it must not be
 * empty).
 */
#ifndef KASK_CSV_COLUMNS_H
#define KASK_CSV_COLUMNS_H

#include "formats/value.h"
#include "problem.h"

#include <jv.h>
#include <stdbool.h>

typedef enum {
    COLUMN_TEXT,
    COLUMN_IDENTIFIER,
    COLUMN_DECIMAL,
    COLUMN_INTEGER,
    COLUMN_PERCENT,
    COLUMN_DATE
} column_type_t;

typedef struct {
    jv spec; // owned; the texts below point into it
    const char *header;
    const char *name;
    column_type_t type;
    const char *style;
    bool grouping, needed, required;
} column_t;

bool columns_check (jv options, problem_t *problem);

// Of options that passed the check.  The array is owned by the caller.
column_t *columns_new (jv options, int *n_p);
void columns_destroy (column_t **self_p, int n);

// The field's value for the record, owned; an empty one of any type but
// text and identifier is null.  Invalid, and `what` filled, if the text is
// not of the column's type.
enum { COLUMN_WHAT = 160 };
jv column_read (const column_t *self, const char *text, char what[COLUMN_WHAT]);

// The text for the file, owned, of a record's value (borrowed); null and
// invalid become empty.  Invalid, and `what` filled, as above.
jv column_write (const column_t *self, jv value, char what[COLUMN_WHAT]);

#endif
