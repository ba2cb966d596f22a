/*
 * settings_store - what was written in a configuration file, between its reading and its asking.
 *
 * For settings*.c only.  Entries stand in the file's order; a default stays in the
 * table until somebody asks.  No memory: abort.
 */
#ifndef KASK_SETTINGS_STORE_H
#define KASK_SETTINGS_STORE_H

#include "settings.h"

// A value that was written.
typedef struct {
    size_t section; // index of the section that it stands in
    const setting_t *row;
    char *name;
    char *text; // a path is whole already
    size_t line;
} settings_entry_t;

typedef struct {
    char *name; // "" or "kind name"
    size_t line;
} settings_section_t;

struct settings_s {
    const setting_t *table; // borrowed
    char *path;             // of the file
    size_t folder_bytes;    // of path, up to and with its last slash
    settings_entry_t *entries;
    size_t n_entries;
    settings_section_t *sections; // the first is the top
    size_t n_sections;
    char **defaults; // of paths, made whole, one a row of the table, else NULL
};

// Empty, with the top as its only section.
settings_t *settings_new (const char *path, const setting_t *table);
// Copies both texts; into the last section.
void settings_add_entry (settings_t *self, const setting_t *row, const char *name, const char *text,
                         size_t line);
void settings_add_section (settings_t *self, const char *name, size_t line);

// The first of that name in a section; NULL if absent.
const settings_entry_t *settings_find_entry (const settings_t *self, size_t section,
                                             const char *name);
// The row of a key: by its name, else the section's "*"; NULL if it has neither.
const setting_t *settings_find_row (const setting_t *table, const char *section, const char *name);
// Is the section "kind" or "kind name"?
bool settings_is_kind (const char *section, const char *kind);
// Does the table know sections of that kind?
bool settings_has_kind (const setting_t *table, const char *section);

#endif
