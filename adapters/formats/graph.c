/*
 * graph - the statements of one or more RDF files, in memory.
 *
 * An array, sorted once by subject; what is said about a subject is then a
 * slice found by bisection.
 */
#include "formats/graph.h"

#include <stdlib.h>
#include <string.h>

static char *
copy_text (const char *text)
{
    char *copy = strdup (text);
    if (!copy)
        abort ();
    return copy;
}

void
graph_add (graph_t *self, const char *subject, const char *predicate, jv object, size_t input,
           size_t line)
{
    if (self->n_statements == self->room) {
        self->room = self->room ? 2 * self->room : 256;
        self->statements = realloc (self->statements, self->room * sizeof *self->statements);
        if (!self->statements)
            abort ();
    }
    self->statements[self->n_statements] = (statement_t){.subject = copy_text (subject),
                                                         .predicate = copy_text (predicate),
                                                         .object = object,
                                                         .input = input,
                                                         .line = line,
                                                         .order = self->n_statements};
    self->n_statements++;
}

static void
statement_clear (statement_t *self)
{
    free (self->subject);
    free (self->predicate);
    jv_free (self->object);
}

void
graph_cut (graph_t *self, size_t n)
{
    while (self->n_statements > n)
        statement_clear (&self->statements[--self->n_statements]);
}

static int
by_subject (const void *a, const void *b)
{
    const statement_t *left = a, *right = b;
    int order = strcmp (left->subject, right->subject);
    return order ? order : left->order < right->order ? -1 : left->order > right->order;
}

static int
by_content (const void *a, const void *b)
{
    const statement_t *left = a, *right = b;
    int order = strcmp (left->subject, right->subject);
    if (!order)
        order = strcmp (left->predicate, right->predicate);
    if (!order)
        order = jv_cmp (jv_copy (left->object), jv_copy (right->object));
    return order ? order : left->order < right->order ? -1 : left->order > right->order;
}

static bool
is_repeat (const statement_t *a, const statement_t *b)
{
    return strcmp (a->subject, b->subject) == 0 && strcmp (a->predicate, b->predicate) == 0 &&
           jv_equal (jv_copy (a->object), jv_copy (b->object));
}

void
graph_sort (graph_t *self)
{
    if (self->n_statements == 0)
        return;
    qsort (self->statements, self->n_statements, sizeof *self->statements, by_content);
    size_t kept = 1;
    for (size_t i = 1; i < self->n_statements; i++)
        if (is_repeat (&self->statements[kept - 1], &self->statements[i]))
            statement_clear (&self->statements[i]);
        else
            self->statements[kept++] = self->statements[i];
    self->n_statements = kept;
    qsort (self->statements, self->n_statements, sizeof *self->statements, by_subject);
}

const statement_t *
graph_about (const graph_t *self, const char *subject, size_t *n_p)
{
    size_t low = 0, high = self->n_statements;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp (self->statements[middle].subject, subject) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    size_t n = 0;
    while (low + n < self->n_statements && strcmp (self->statements[low + n].subject, subject) == 0)
        n++;
    *n_p = n;
    return n ? &self->statements[low] : NULL;
}

void
graph_clear (graph_t *self)
{
    graph_cut (self, 0);
    free (self->statements);
    *self = (graph_t){0};
}
