/*
 * command - the operator's commands, as one table.
 */
#include "command.h"
#include "calendar.h"
#include "codec.h"
#include "codes.h"
#include "reference.h"
#include "utf8.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { REASON_BYTES = 200 };

#define LIST false
#define RECORD true

// The table of commands.def as it is written: a command's queries behind it.
typedef struct {
    int id; // -1: a query
    command_t command;
    command_query_t query;
} row_t;

static const row_t rows[] = {
#define COMMAND(id, words, arguments, help, missing, example)                                      \
    {COMMAND_##id, {COMMAND_##id, words, arguments, help, missing, example, {{0}}, 0}, {0}},
#define QUERY(name, form, sql) {-1, {0}, {name, form, sql}},
#include "commands.def"
#undef COMMAND
#undef QUERY
};

const command_t *
command_table (void)
{
    static command_t table[N_COMMANDS];
    if (table[0].words)
        return table;
    command_t *command = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].id >= 0) {
            command = &table[rows[i].id];
            *command = rows[i].command;
        } else {
            assert (command);
            command->queries[command->n_queries++] = rows[i].query;
        }
    }
    return table;
}

// ---------------------------------------------------------------- its arguments

// One argument of the table: "REF", "[--from DATE]", "[--all]".
typedef struct {
    char name[24]; // "REF", "--from"
    char what[24]; // "REF", "DATE"; "" for a flag
    bool option;
} argument_t;

static const char *
argument_next (const char *arguments, argument_t *argument)
{
    *argument = (argument_t){.option = *arguments == '['};
    if (!*arguments)
        return NULL;
    if (!argument->option) {
        sscanf (arguments, "%23[^ ]", argument->name);
        memcpy (argument->what, argument->name, sizeof argument->what);
        arguments += strlen (argument->name);
    } else {
        sscanf (arguments, "[%23[^] ] %23[^]]", argument->name, argument->what);
        arguments = strchr (arguments, ']') + 1;
    }
    return arguments + strspn (arguments, " ");
}

static int
argument_find (const command_t *self, const char *name, argument_t *found)
{
    const char *next = self->arguments;
    for (int i = 0; (next = argument_next (next, found)); i++)
        if (strcmp (found->name, name) == 0)
            return i;
    return -1;
}

int
command_argument (const command_t *self, const char *name)
{
    argument_t argument;
    return argument_find (self, name, &argument);
}

// The place of the n-th argument that must be given; -1 behind the last.
static int
argument_required (const command_t *self, int n, argument_t *found)
{
    const char *next = self->arguments;
    for (int i = 0; (next = argument_next (next, found)); i++)
        if (!found->option && n-- == 0)
            return i;
    return -1;
}

// ---------------------------------------------------------------- their values

static bool
is_month (const char *text)
{
    char date[12];
    int32_t day;
    return strlen (text) == sizeof "2026-04" - 1 &&
           snprintf (date, sizeof date, "%s-01", text) > 0 && calendar_day_read (date, &day);
}

static bool
is_number (const char *text)
{
    size_t digits = strspn (text, "0123456789");
    return digits > 0 && digits <= 9 && text[digits] == '\0';
}

static bool
is_state (const char *text)
{
    const ProtobufCEnumDescriptor *states = &kask__state__descriptor;
    for (unsigned i = 0; i < states->n_values; i++)
        if (strcasecmp (states->values[i].name + sizeof "STATE_" - 1, text) == 0)
            return true;
    return false;
}

static bool
is_reason (const char *text)
{
    size_t size = strlen (text);
    for (size_t i = 0; i < size; i++)
        if ((unsigned char) text[i] < ' ' || text[i] == 0x7f)
            return false;
    return size - strspn (text, " ") > 0 && size <= REASON_BYTES &&
           utf8_is_text ((const uint8_t *) text, size);
}

// NULL if the value has the form that its placeholder asks for, else what was expected.
static const char *
value_problem (const char *what, const char *value)
{
    int32_t day;
    int64_t no;
    if (strcmp (what, "DATE") == 0 && !calendar_day_read (value, &day))
        return "a date like 2026-04-13 was expected";
    if (strcmp (what, "MONTH") == 0 && !is_month (value))
        return "a month like 2026-04 was expected";
    if (strcmp (what, "NUMBER") == 0 && !is_number (value))
        return "a number was expected";
    if (strcmp (what, "REF") == 0 && !reference_read (value, &no))
        return "no reference has these characters: one is wrong, missing or in the wrong place; "
               "read it again";
    if (strcmp (what, "STATE") == 0 && !is_state (value))
        return "no such state of a referral; kask referral list --help names them";
    if (strcmp (what, "KIND") == 0 && !codes_find (CODES_KIND, value))
        return "no such kind of offering; kask offering list --help names them";
    if (strcmp (what, "REASON") == 0 && !is_reason (value))
        return "a reason was expected, of 1 to 200 bytes, without control characters";
    bool partner = strcmp (what, "PARTNER") == 0 || strcmp (what, "REFERRER") == 0 ||
                   strcmp (what, "RECEIVER") == 0;
    if (partner && !partner_name_is_valid (value))
        return "a partner's name is of a-z, 0-9 and -, beginning with a letter";
    return NULL;
}

static bool
value_put (command_line_t *line, int place, const argument_t *argument, const char *value,
           char *problem)
{
    const char *expected = value_problem (argument->what, value);
    if (expected) {
        snprintf (problem, COMMAND_PROBLEM_BYTES, "%s \"%.80s\": %s; nothing was done",
                  argument->name, value, expected);
        return false;
    }
    line->values[place] = value;
    if (strcmp (argument->what, "REF") == 0) {
        int64_t no = 0;
        if (!reference_read (value, &no))
            return false;
        snprintf (line->reference, sizeof line->reference, "%lld", (long long) no);
        line->values[place] = line->reference;
    }
    return true;
}

// ---------------------------------------------------------------- reading a line

// How many words of the command stand at the front of `args`; 0 if not all.
static int
words_match (const char *words, int n, char *const *args)
{
    char text[64];
    snprintf (text, sizeof text, "%s", words);
    int i = 0;
    char *rest;
    for (char *word = strtok_r (text, " ", &rest); word; word = strtok_r (NULL, " ", &rest), i++)
        if (i == n || strcmp (args[i], word) != 0)
            return 0;
    return i;
}

static const command_t *
command_find (int n, char *const *args, int *words_p)
{
    const command_t *table = command_table ();
    for (int id = 0; id < N_COMMANDS; id++)
        if ((*words_p = words_match (table[id].words, n, args)))
            return &table[id];
    return NULL;
}

static bool
first_word_is (const char *words, const char *word)
{
    size_t length = strcspn (words, " ");
    return strlen (word) == length && strncmp (words, word, length) == 0;
}

static bool
problem_of (char *problem, const command_t *command, const char *what, const char *which)
{
    snprintf (problem, COMMAND_PROBLEM_BYTES, "%s: %s%.80s; nothing was done; see kask %s --help",
              command->words, what, which, command->words);
    return false;
}

// No command is meant; those that begin with the same word may be.
static bool
problem_of_none (char *problem, int n, char *const *args)
{
    int used =
        snprintf (problem, COMMAND_PROBLEM_BYTES, "no command \"%.40s%s%.40s\"; nothing was done; ",
                  n > 0 ? args[0] : "", n > 1 ? " " : "", n > 1 ? args[1] : "");
    size_t begin = (size_t) used, at = begin;
    for (int id = 0; id < N_COMMANDS && at < COMMAND_PROBLEM_BYTES; id++)
        if (n > 0 && first_word_is (command_table ()[id].words, args[0]))
            at += (size_t) snprintf (problem + at, COMMAND_PROBLEM_BYTES - at, "%s%s",
                                     at > begin ? ", " : "there is: ", command_table ()[id].words);
    if (at == begin)
        snprintf (problem + at, COMMAND_PROBLEM_BYTES - at, "kask --help lists them");
    return false;
}

static size_t
arguments_count (const command_t *self)
{
    argument_t argument;
    size_t n = 0;
    for (const char *next = self->arguments; (next = argument_next (next, &argument));)
        n++;
    return n;
}

// Takes the argument at args[*i_p], and its value.
static bool
take_argument (command_line_t *line, int n, char *const *args, int *i_p, int *required_p,
               char *problem)
{
    const char *word = args[(*i_p)++];
    argument_t argument;
    if (strncmp (word, "--", 2) != 0) {
        int place = argument_required (line->command, (*required_p)++, &argument);
        if (place < 0)
            return problem_of (problem, line->command, "one argument too many: ", word);
        return value_put (line, place, &argument, word, problem);
    }
    int place = argument_find (line->command, word, &argument);
    if (place < 0)
        return problem_of (problem, line->command, "no such option: ", word);
    if (line->values[place])
        return problem_of (problem, line->command, "given twice: ", word);
    if (!argument.what[0]) {
        line->values[place] = "yes";
        return true;
    }
    if (*i_p == n)
        return problem_of (problem, line->command, "a value is missing behind ", word);
    return value_put (line, place, &argument, args[(*i_p)++], problem);
}

bool
command_read (command_line_t *line, int n, char *const *args, char *problem)
{
    int i;
    *line = (command_line_t){.command = command_find (n, args, &i)};
    if (!line->command)
        return problem_of_none (problem, n, args);
    line->n_values = arguments_count (line->command);
    int required = 0;
    while (i < n)
        if (!take_argument (line, n, args, &i, &required, problem))
            return false;
    argument_t missing;
    if (argument_required (line->command, required, &missing) >= 0)
        return problem_of (problem, line->command, "missing: ", missing.name);
    return true;
}
