/*
 * turtle_parse - one Turtle text into a graph, by raptor2.
 */
#ifndef KASK_TURTLE_PARSE_H
#define KASK_TURTLE_PARSE_H

#include "formats/graph.h"
#include "problem.h"

#include <raptor2.h>
#include <stdbool.h>
#include <stddef.h>

// A raptor world that touches neither network nor files; owned by the
// caller, raptor_free_world.
raptor_world *turtle_world_new (void);

// Adds the statements of `text` (valid UTF-8, followed by a zero byte, none
// inside) to the graph; `input` is their file's index.  False: *problem has
// line and reason, and the graph is as before.
bool turtle_parse (raptor_world *world, graph_t *graph, size_t input, const char *name,
                   const char *text, size_t size, problem_t *problem)
    __attribute__ ((warn_unused_result));

#endif
