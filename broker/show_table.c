/*
 * show - a reply for people: tables aligned by what a terminal shows.
 *
 * Width is that of characters, not bytes: å is one column, and a combining
 * mark none.  Control characters are shown as '?'.
 */
#include "show.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { GAP = 2, NARROWEST = 8 };

// Takes one character; its bytes in *bytes_p, -1 columns if it cannot be shown.
static int
next_width (const char *text, size_t *bytes_p)
{
    wchar_t c;
    mbstate_t state = {0};
    size_t n = mbrtowc (&c, text, strlen (text), &state);
    bool bad = n == (size_t) -1 || n == (size_t) -2 || n == 0;
    *bytes_p = bad ? 1 : n;
    return bad ? -1 : wcwidth (c);
}

int
show_width (const char *text)
{
    int width = 0;
    for (size_t bytes; *text; text += bytes) {
        int one = next_width (text, &bytes);
        width += one < 0 ? 1 : one;
    }
    return width;
}

// Prints what fits into `room` columns, cut with an ellipsis; returns the columns taken.
static int
print_cut (const char *text, int room, FILE *out)
{
    bool cut = show_width (text) > room;
    int taken = 0, most = cut ? room - 1 : room;
    for (size_t bytes; *text; text += bytes) {
        int one = next_width (text, &bytes);
        int columns = one < 0 ? 1 : one;
        if (taken + columns > most)
            break;
        taken += columns;
        if (one < 0)
            fputc ('?', out);
        else
            fwrite (text, 1, bytes, out);
    }
    if (cut) {
        fputs ("…", out);
        taken++;
    }
    return taken;
}

static void
print_spaces (int n, FILE *out)
{
    fprintf (out, "%*s", n > 0 ? n : 0, "");
}

static void
print_cell (const char *text, int width, bool right, bool last, FILE *out)
{
    if (right)
        print_spaces (width - show_width (text), out);
    int taken = print_cut (text, width, out);
    if (!right && !last)
        print_spaces (width - taken, out);
    if (!last)
        print_spaces (GAP, out);
}

// ---------------------------------------------------------------- widths

static int
widest_cell (const Kask__ControlTable *table, size_t c)
{
    int widest = show_width (table->columns[c]->name);
    for (size_t r = 0; r < table->n_rows; r++) {
        int width = c < table->rows[r]->n_cells ? show_width (table->rows[r]->cells[c]) : 0;
        widest = width > widest ? width : widest;
    }
    return widest;
}

// "2026-11-25 00:19:28", as kask_local () of the database writes it.
static bool
is_time (const char *cell)
{
    static const char form[] = "0000-00-00 00:00:00";
    for (size_t i = 0; i < sizeof form; i++)
        if (form[i] == '0' ? cell[i] < '0' || cell[i] > '9' : cell[i] != form[i])
            return false;
    return true;
}

static bool
is_column_of_times (const Kask__ControlTable *table, size_t c)
{
    for (size_t r = 0; r < table->n_rows; r++)
        if (c < table->rows[r]->n_cells && is_time (table->rows[r]->cells[c]))
            return true;
    return false;
}

// The widest column of text that can still give way; -1: none.  A number or a time that is
// cut says something else.
static int
widest_column (const Kask__ControlTable *table, const int *widths)
{
    int widest = -1;
    for (size_t c = 0; c < table->n_columns; c++)
        if (!table->columns[c]->number && widths[c] > NARROWEST &&
            (widest < 0 || widths[c] > widths[widest]) && !is_column_of_times (table, c))
            widest = (int) c;
    return widest;
}

static int *
column_widths (const Kask__ControlTable *table, int width)
{
    int *widths = calloc (table->n_columns + 1, sizeof *widths);
    if (!widths)
        abort ();
    int total = 0;
    for (size_t c = 0; c < table->n_columns; c++)
        total += (widths[c] = widest_cell (table, c)) + (c ? GAP : 0);
    for (int c; width && total > width && (c = widest_column (table, widths)) >= 0; total--)
        widths[c]--;
    return widths;
}

// ---------------------------------------------------------------- a table

static void
print_list (const Kask__ControlTable *table, int width, FILE *out)
{
    if (table->n_rows == 0) {
        fprintf (out, "(no %s)\n", table->name);
        return;
    }
    int *widths = column_widths (table, width);
    size_t n = table->n_columns;
    for (size_t c = 0; c < n; c++)
        print_cell (table->columns[c]->name, widths[c], table->columns[c]->number, c + 1 == n, out);
    fputc ('\n', out);
    for (size_t r = 0; r < table->n_rows; r++) {
        const Kask__ControlRow *row = table->rows[r];
        for (size_t c = 0; c < n && c < row->n_cells; c++)
            print_cell (row->cells[c], widths[c], table->columns[c]->number, c + 1 == n, out);
        fputc ('\n', out);
    }
    free (widths);
}

static void
print_record (const Kask__ControlTable *table, FILE *out)
{
    int widest = 0;
    for (size_t c = 0; c < table->n_columns; c++) {
        int width = show_width (table->columns[c]->name);
        widest = width > widest ? width : widest;
    }
    const Kask__ControlRow *row = table->n_rows ? table->rows[0] : NULL;
    for (size_t c = 0; row && c < table->n_columns && c < row->n_cells; c++) {
        if (!*row->cells[c])
            continue;
        print_cell (table->columns[c]->name, widest, false, false, out);
        print_cell (row->cells[c], show_width (row->cells[c]), false, true, out);
        fputc ('\n', out);
    }
}

void
show_tables (const Kask__ControlReply *reply, int width, FILE *out)
{
    for (size_t i = 0; i < reply->n_tables; i++) {
        if (i)
            fputc ('\n', out);
        if (reply->tables[i]->record)
            print_record (reply->tables[i], out);
        else
            print_list (reply->tables[i], width, out);
    }
    fputs (reply->text, out);
}
