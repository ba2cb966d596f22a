/*
 * problem - what was wrong with an input, in words for the person who can
 * mend it.
 *
 * A problem names the place (source, line, path), the field, what is wrong
 * and what to do.  All texts are cut at the end of a character, hold no
 * control characters, and never repeat what looks like a person's number.
 */
#ifndef KASK_PROBLEM_H
#define KASK_PROBLEM_H

#include <stddef.h>

typedef enum {
    PROBLEM_NONE,
    PROBLEM_RECORD, // this record is set aside, the rest goes on
    PROBLEM_FILE,   // the source cannot be read further
    PROBLEM_SETUP   // configuration or mapping program: nothing was read
} problem_scope_t;

typedef struct {
    problem_scope_t scope;
    char source[256]; // file or system; empty: not known
    size_t line;      // 0: not known
    char path[256];   // path or subject inside the source; may be empty
    char field[128];  // may be empty
    char what[512];   // what is wrong
    char todo[256];   // what to do; may be empty
} problem_t;

// Sets everything but the place, which is cleared.  `self` may be NULL.
void problem_set (problem_t *self, problem_scope_t scope, const char *field, const char *todo,
                  const char *what, ...) __attribute__ ((format (printf, 5, 6)));

// NULL leaves source or path as it is, 0 the line.  `self` may be NULL.
void problem_at (problem_t *self, const char *source, size_t line, const char *path);

// For texts that come from a mapping or a library.  Same cleaning.
void problem_set_text (problem_t *self, problem_scope_t scope, const char *field, const char *what,
                       const char *todo);

// One line for log and reason files, "list.csv:17: Budget: ...: what to do".
// Returns `buffer`.
const char *problem_line (const problem_t *self, char *buffer, size_t size);

// A value from outside, quoted for a problem's text: cut, cleaned, and with
// the digits of anything as long as a person's number masked.  Returns `buffer`.
enum { PROBLEM_QUOTE = 96 };
const char *problem_quote (const char *value, char buffer[PROBLEM_QUOTE]);

#endif
