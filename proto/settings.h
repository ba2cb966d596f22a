/*
 * settings - a configuration file, read by a table of keys.
 *
 * One form for all programs: lines `key = value`, sections `[kind name]`,
 * comments from # at the start of a line or after a space.  A value may stand in "quotes", in which
 * \" and \\ are known.  A key that the table does not have, a value of
 * the wrong type, a key given twice where it may not be: one error with file
 * and line, and nothing is read.
 *
 * The table is the one home of names, types, defaults, units and help; the
 * manual page and `--help-config` are printed from it.
 */
#ifndef KASK_SETTINGS_H
#define KASK_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum {
    SETTING_TEXT,
    SETTING_PATH,     // relative to the folder of the file that names it
    SETTING_FLAG,     // yes or no
    SETTING_COUNT,    // 0 to 2^53
    SETTING_BYTES,    // 4096, 64 KiB, 5 MiB, 1 GiB
    SETTING_DURATION, // in ms: 250 ms, 10 s, 5 min, 2 h, 7 d
    SETTING_LIST      // TEXT that may be given on several lines
} setting_type_t;

// One row of a table; the last row has no name.
typedef struct {
    const char *section; // "" at the top, or the section's kind
    const char *name;    // "*": any name, for sections whose keys are not ours
    setting_type_t type;
    const char *value; // default, as it would be written; NULL: must be given
    const char *help;  // one sentence
} setting_t;

typedef struct settings_s settings_t;

enum { SETTINGS_PROBLEM_BYTES = 400 };

// NULL: `problem` (SETTINGS_PROBLEM_BYTES of it) has file, line, what is
// wrong and what to do.  `table` is borrowed for the life of the settings.
settings_t *settings_read (const char *path, const setting_t *table, char *problem);
void settings_destroy (settings_t **self_p);

// `section` is "" for the top, else "kind name" as written.  Asking for a
// key that the table has not, or as another type, is a mistake of ours (assert).  What must
// be given reads as "", no or 0 in a section that is not written.
const char *settings_text (const settings_t *self, const char *section,
                           const char *name); // TEXT, PATH; "" where default is ""
bool settings_flag (const settings_t *self, const char *section, const char *name);
int64_t settings_number (const settings_t *self, const char *section,
                         const char *name); // COUNT, BYTES, DURATION
// The i-th value of a LIST; NULL behind the last.
const char *settings_list (const settings_t *self, const char *section, const char *name, size_t i);
// The i-th section of a kind ("source csv-list"), in the order written; NULL behind the last.
const char *settings_section (const settings_t *self, const char *kind, size_t i);
// The i-th key written in a section whose table row is "*"; its value by settings_text.
const char *settings_key (const settings_t *self, const char *section, size_t i);

// The table as an example file, each key with help and default.
void settings_print_example (const setting_t *table, FILE *out);

#endif
