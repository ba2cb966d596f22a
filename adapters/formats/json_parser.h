/*
 * json_parser - JSON text into jv, strictly.
 *
 * libjq's own parser reads numbers as doubles, repairs bad UTF-8 and lets
 * the last of two members of one name win, all of it silently.  This one
 * keeps a number that a double would change as a string, and refuses the
 * rest with its line.
 */
#ifndef KASK_JSON_PARSER_H
#define KASK_JSON_PARSER_H

#include "formats/buffer.h"
#include "problem.h"

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *at;
    const char *end;
    size_t line;
    const char *watched; // dotted path of an array; NULL: none
    size_t *item_lines;  // first line of each item of that array; owned
    size_t n_item_lines, room;
    format_buffer_t text; // of the string being read
    problem_t *problem;   // may be NULL
} json_parser_t;

// `bytes` is borrowed until json_parser_clear.
void json_parser_init (json_parser_t *self, const char *bytes, size_t size, const char *watched,
                       problem_t *problem);
// Is there another value?  Skips white space.
bool json_parser_has_more (json_parser_t *self);
// The next value, owned by the caller; invalid, with the problem set, if the
// text is not JSON.
jv json_parser_next (json_parser_t *self);
void json_parser_clear (json_parser_t *self);

#endif
