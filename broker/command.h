/*
 * command - the operator's commands, as one table.
 *
 * commands.def is the table; kask prints its help from it, and kask and
 * broker read what was typed by it.  Pure.
 */
#ifndef KASK_COMMAND_H
#define KASK_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
#define COMMAND(id, words, arguments, help, missing, example) COMMAND_##id,
#define QUERY(name, form, sql)
#include "commands.def"
#undef COMMAND
#undef QUERY
    N_COMMANDS
} command_id_t;

// What kask exits with.
typedef enum {
    EXIT_OK = 0,
    EXIT_NO = 1,          // refused, or there is no such thing; nothing was changed
    EXIT_USAGE = 2,       // not a command, or an argument has not its form; nothing was done
    EXIT_UNREACHABLE = 3, // no broker at the socket
    EXIT_UNKNOWN = 4      // the database does not answer; an act may or may not have been done
} command_exit_t;

enum { COMMAND_ARGUMENTS = 6, COMMAND_QUERIES = 3, COMMAND_PROBLEM_BYTES = 300 };

typedef struct {
    const char *name; // of the table in the answer
    bool record;      // one row, shown as name and value
    const char *sql;  // the arguments are $1, $2 … as text
} command_query_t;

typedef struct {
    command_id_t id;
    const char *words;     // "referral show"
    const char *arguments; // "REFERRER RECEIVER [--from DATE] [--flag]"
    const char *help;
    const char *missing; // said when the first record has no row
    const char *example;
    command_query_t queries[COMMAND_QUERIES];
    size_t n_queries;
} command_t;

// A command as typed.
typedef struct {
    const command_t *command;
    const char *
        values[COMMAND_ARGUMENTS]; // in the order of `arguments`; NULL: not given; "yes" for a flag
    size_t n_values;               // arguments that the command has
    char reference[24];            // number of the referral that a REF names
} command_line_t;

const command_t *command_table (void); // N_COMMANDS rows, by id

// Reads words and arguments; the values point into `args`, and a REF's into *line, which must not
// be moved.  False: `problem` (COMMAND_PROBLEM_BYTES) says which argument, what is wrong, and what
// was expected.
bool command_read (command_line_t *line, int n, char *const *args, char *problem);

// Place of the argument of that name ("FILE", "--from") in values; -1 if it has none.
int command_argument (const command_t *self, const char *name);

#endif
