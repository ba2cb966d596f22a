/*
 * graph - the statements of one or more RDF files, in memory.
 *
 * Terms are JSON: {"id": "http://..."} and {"id": "_:b1"} for resources,
 * {"value", "lang", "type"} for literals, types as full IRIs.
 */
#ifndef KASK_FORMAT_GRAPH_H
#define KASK_FORMAT_GRAPH_H

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>

enum { GRAPH_MAX_STATEMENTS = 1000000 };

typedef struct {
    char *subject;   // IRI, or _: and a name
    char *predicate; // IRI
    jv object;
    size_t input; // index of the file it came from
    size_t line;  // where it ends in that file
    size_t order; // in which it was added
} statement_t;

typedef struct {
    statement_t *statements; // by subject after graph_sort
    size_t n_statements, room;
} graph_t; // starts as all zeros

// Takes `object`, copies the texts.
void graph_add (graph_t *self, const char *subject, const char *predicate, jv object, size_t input,
                size_t line);
// Forgets what came after the first n statements.
void graph_cut (graph_t *self, size_t n);
// Sorts by subject, in each as added, and drops repeated statements.
void graph_sort (graph_t *self);
// Of a sorted graph: the statements about a subject, how many in *n_p;
// NULL if there are none.
const statement_t *graph_about (const graph_t *self, const char *subject, size_t *n_p);
void graph_clear (graph_t *self);

#endif
