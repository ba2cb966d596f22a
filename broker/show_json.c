/*
 * show - a reply for programs: one JSON object (RFC 8259), UTF-8.
 */
#include "show.h"

#include <stdbool.h>
#include <string.h>

static void
print_string (const char *text, FILE *out)
{
    fputc ('"', out);
    for (const unsigned char *c = (const unsigned char *) text; *c; c++)
        if (*c == '"' || *c == '\\')
            fprintf (out, "\\%c", *c);
        else if (*c < 0x20)
            fprintf (out, "\\u%04x", *c);
        else
            fputc (*c, out);
    fputc ('"', out);
}

static void
print_cell (const Kask__ControlColumn *column, const char *cell, FILE *out)
{
    if ((column->number || column->flag) && !*cell)
        fputs ("null", out);
    else if (column->number)
        fputs (cell, out);
    else if (column->flag)
        fputs (strcmp (cell, "yes") == 0 ? "true" : "false", out);
    else
        print_string (cell, out);
}

static void
print_row (const Kask__ControlTable *table, const Kask__ControlRow *row, FILE *out)
{
    fputc ('{', out);
    for (size_t c = 0; c < table->n_columns && c < row->n_cells; c++) {
        if (c)
            fputs (", ", out);
        print_string (table->columns[c]->name, out);
        fputs (": ", out);
        print_cell (table->columns[c], row->cells[c], out);
    }
    fputc ('}', out);
}

static void
print_table (const Kask__ControlTable *table, FILE *out)
{
    print_string (table->name, out);
    fputs (": ", out);
    if (table->record && table->n_rows) {
        print_row (table, table->rows[0], out);
        return;
    }
    fputc ('[', out);
    for (size_t r = 0; r < table->n_rows; r++) {
        fputs (r ? ",\n  " : "\n  ", out);
        print_row (table, table->rows[r], out);
    }
    fputc (']', out);
}

static void
print_text (const char *name, const char *text, FILE *out)
{
    if (!*text)
        return;
    fprintf (out, ",\n\"%s\": ", name);
    print_string (text, out);
}

void
show_json (const Kask__ControlReply *reply, FILE *out)
{
    fputc ('{', out);
    for (size_t i = 0; i < reply->n_tables; i++) {
        print_table (reply->tables[i], out);
        fputs (",\n", out);
    }
    fprintf (out, "\"exit_code\": %u", reply->exit_code);
    print_text ("text", reply->text, out);
    print_text ("note", reply->note, out);
    fputs ("}\n", out);
}
