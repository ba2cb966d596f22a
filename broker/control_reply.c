/*
 * control_reply - the answer to an operator's command, while it is made.
 */
#include "control_reply.h"
#include "arena.h"
#include "control.pb-c.h"
#include "pgbinary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROWS_AT_FIRST = 8, // a power of two
    MAX_TABLES = COMMAND_QUERIES + 3,
    MAX_FACTS = 40,
    HEAD_BYTES = 4,
    NUMERIC_OID = 1700
};

struct control_reply_s {
    arena_t *arena;
    Kask__ControlReply reply;
    Kask__ControlTable *tables[MAX_TABLES];
};

control_reply_t *
control_reply_new (void)
{
    control_reply_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->arena = arena_new ();
    kask__control_reply__init (&self->reply);
    self->reply.tables = self->tables;
    return self;
}

void
control_reply_destroy (control_reply_t **self_p)
{
    if (!*self_p)
        return;
    arena_destroy (&(*self_p)->arena);
    free (*self_p);
    *self_p = NULL;
}

static char *
copy (control_reply_t *self, const char *text)
{
    return arena_copy (self->arena, text, strlen (text) + 1);
}

void
control_reply_say (control_reply_t *self, command_exit_t code, const char *note)
{
    self->reply.exit_code = (uint32_t) code;
    self->reply.note = copy (self, note);
}

void
control_reply_text (control_reply_t *self, const char *text)
{
    self->reply.text = copy (self, text);
}

// ---------------------------------------------------------------- tables

static Kask__ControlTable *
table_new (control_reply_t *self, const char *name, bool record, size_t columns, size_t rows)
{
    if (self->reply.n_tables == MAX_TABLES)
        abort ();
    Kask__ControlTable *table = arena_alloc (self->arena, sizeof *table);
    kask__control_table__init (table);
    table->name = copy (self, name);
    table->record = record;
    table->columns = arena_alloc (self->arena, (columns + 1) * sizeof *table->columns);
    table->rows = arena_alloc (self->arena, (rows + 1) * sizeof *table->rows);
    self->tables[self->reply.n_tables++] = table;
    return table;
}

static bool
is_number (Oid type)
{
    return type == PG_INT2 || type == PG_INT4 || type == PG_INT8 || type == NUMERIC_OID;
}

static void
column_add (control_reply_t *self, Kask__ControlTable *table, const char *name, Oid type)
{
    Kask__ControlColumn *column = arena_alloc (self->arena, sizeof *column);
    kask__control_column__init (column);
    column->name = copy (self, name);
    for (char *c = column->name; *c; c++)
        if (*c == ' ')
            *c = '_';
    column->number = is_number (type);
    column->flag = type == PG_BOOL;
    table->columns[table->n_columns++] = column;
}

static Kask__ControlRow *
row_add (control_reply_t *self, Kask__ControlTable *table, size_t cells)
{
    Kask__ControlRow *row = arena_alloc (self->arena, sizeof *row);
    kask__control_row__init (row);
    row->cells = arena_alloc (self->arena, (cells + 1) * sizeof *row->cells);
    table->rows[table->n_rows++] = row;
    return row;
}

static const char *
cell_text (const PGresult *result, int row, int column)
{
    const char *text = PQgetvalue (result, row, column);
    if (PQftype (result, column) == PG_BOOL)
        return *text == 't' ? "yes" : *text == 'f' ? "no" : "";
    return text;
}

void
control_reply_rows (control_reply_t *self, const char *name, bool record, const PGresult *result)
{
    int columns = PQnfields (result), rows = PQntuples (result);
    Kask__ControlTable *table = table_new (self, name, record, (size_t) columns, (size_t) rows);
    for (int c = 0; c < columns; c++)
        column_add (self, table, PQfname (result, c), PQftype (result, c));
    for (int r = 0; r < rows; r++) {
        Kask__ControlRow *row = row_add (self, table, (size_t) columns);
        for (int c = 0; c < columns; c++)
            row->cells[row->n_cells++] = copy (self, cell_text (result, r, c));
    }
}

static void
fact_add (control_reply_t *self, const char *name, const char *fact, Oid type, const char *value)
{
    Kask__ControlTable *table = NULL;
    for (size_t i = 0; i < self->reply.n_tables; i++)
        if (strcmp (self->tables[i]->name, name) == 0)
            table = self->tables[i];
    if (!table) {
        table = table_new (self, name, true, MAX_FACTS, 1);
        row_add (self, table, MAX_FACTS);
    }
    if (table->n_columns == MAX_FACTS)
        abort ();
    column_add (self, table, fact, type);
    Kask__ControlRow *row = table->rows[0];
    row->cells[row->n_cells++] = copy (self, value);
}

void
control_reply_fact (control_reply_t *self, const char *name, const char *fact, const char *value)
{
    fact_add (self, name, fact, PG_TEXT, value);
}

void
control_reply_number (control_reply_t *self, const char *name, const char *fact, int64_t value)
{
    char text[32];
    snprintf (text, sizeof text, "%" PRId64, value);
    fact_add (self, name, fact, PG_INT8, text);
}

void
control_reply_list (control_reply_t *self, const char *name, const control_column_t *columns,
                    size_t n_columns)
{
    Kask__ControlTable *table = table_new (self, name, false, n_columns, ROWS_AT_FIRST);
    for (size_t c = 0; c < n_columns; c++)
        column_add (self, table, columns[c].name, columns[c].is_number ? PG_INT8 : PG_TEXT);
}

// Room for rows is doubled whenever it is used up.
static void
rows_grow (control_reply_t *self, Kask__ControlTable *table)
{
    size_t n = table->n_rows;
    if (n < ROWS_AT_FIRST || (n & (n - 1)) != 0)
        return;
    Kask__ControlRow **rows = arena_alloc (self->arena, 2 * n * sizeof (Kask__ControlRow *));
    memcpy (rows, table->rows, n * sizeof (Kask__ControlRow *));
    table->rows = rows;
}

void
control_reply_row (control_reply_t *self, const char *const *cells)
{
    Kask__ControlTable *table = self->tables[self->reply.n_tables - 1];
    rows_grow (self, table);
    Kask__ControlRow *row = row_add (self, table, table->n_columns);
    for (size_t c = 0; c < table->n_columns; c++)
        row->cells[row->n_cells++] = copy (self, cells[c]);
}

// ---------------------------------------------------------------- the frame

uint8_t *
control_reply_frame (const control_reply_t *self, size_t *size_p)
{
    Kask__ControlReply reply = self->reply;
    if (kask__control_reply__get_packed_size (&reply) > CONTROL_REPLY_BYTES) {
        kask__control_reply__init (&reply);
        reply.exit_code = EXIT_NO;
        reply.note = (char *) "the answer is too large; nothing is shown; ask for less with "
                              "--limit, --from and --to";
    }
    size_t size = kask__control_reply__get_packed_size (&reply);
    uint8_t *frame = malloc (HEAD_BYTES + size);
    if (!frame)
        abort ();
    put_be32 (frame, (uint32_t) size);
    kask__control_reply__pack (&reply, frame + HEAD_BYTES);
    *size_p = HEAD_BYTES + size;
    return frame;
}
