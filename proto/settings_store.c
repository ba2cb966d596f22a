/*
 * settings_store - what was written in a configuration file.
 */
#include "settings_store.h"

#include <stdlib.h>
#include <string.h>

static void *
must (void *memory)
{
    if (!memory)
        abort ();
    return memory;
}

// ---------------------------------------------------------------- the table

bool
settings_is_kind (const char *section, const char *kind)
{
    size_t n = strlen (kind);
    return strncmp (section, kind, n) == 0 && (!section[n] || (n > 0 && section[n] == ' '));
}

const setting_t *
settings_find_row (const setting_t *table, const char *section, const char *name)
{
    const setting_t *any = NULL;
    for (const setting_t *row = table; row->name; row++) {
        if (!settings_is_kind (section, row->section))
            continue;
        if (strcmp (row->name, name) == 0)
            return row;
        if (strcmp (row->name, "*") == 0)
            any = row;
    }
    return any;
}

bool
settings_has_kind (const setting_t *table, const char *section)
{
    for (const setting_t *row = table; row->name; row++)
        if (settings_is_kind (section, row->section))
            return true;
    return false;
}

// ---------------------------------------------------------------- what was written

const settings_entry_t *
settings_find_entry (const settings_t *self, size_t section, const char *name)
{
    for (size_t i = 0; i < self->n_entries; i++)
        if (self->entries[i].section == section && strcmp (self->entries[i].name, name) == 0)
            return &self->entries[i];
    return NULL;
}

static char *
whole_path (const settings_t *self, const char *text)
{
    size_t folder = *text && *text != '/' ? self->folder_bytes : 0;
    char *path = must (malloc (folder + strlen (text) + 1));
    memcpy (path, self->path, folder);
    strcpy (path + folder, text);
    return path;
}

void
settings_add_entry (settings_t *self, const setting_t *row, const char *name, const char *text,
                    size_t line)
{
    self->entries = must (realloc (self->entries, (self->n_entries + 1) * sizeof *self->entries));
    self->entries[self->n_entries++] = (settings_entry_t){
        .section = self->n_sections - 1,
        .row = row,
        .name = must (strdup (name)),
        .text = row->type == SETTING_PATH ? whole_path (self, text) : must (strdup (text)),
        .line = line,
    };
}

void
settings_add_section (settings_t *self, const char *name, size_t line)
{
    self->sections =
        must (realloc (self->sections, (self->n_sections + 1) * sizeof *self->sections));
    self->sections[self->n_sections++] =
        (settings_section_t){.name = must (strdup (name)), .line = line};
}

settings_t *
settings_new (const char *path, const setting_t *table)
{
    settings_t *self = must (calloc (1, sizeof *self));
    size_t n_rows = 0;
    while (table[n_rows].name)
        n_rows++;
    self->table = table;
    self->path = must (strdup (path));
    const char *slash = strrchr (path, '/');
    self->folder_bytes = slash ? (size_t) (slash - path) + 1 : 0;
    self->defaults = must (calloc (n_rows + 1, sizeof *self->defaults));
    for (size_t i = 0; i < n_rows; i++)
        if (table[i].type == SETTING_PATH && table[i].value)
            self->defaults[i] = whole_path (self, table[i].value);
    settings_add_section (self, "", 1);
    return self;
}

void
settings_destroy (settings_t **self_p)
{
    settings_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->n_entries; i++) {
        free (self->entries[i].name);
        free (self->entries[i].text);
    }
    for (size_t i = 0; i < self->n_sections; i++)
        free (self->sections[i].name);
    for (size_t i = 0; self->table[i].name; i++)
        free (self->defaults[i]);
    free (self->entries);
    free (self->sections);
    free (self->defaults);
    free (self->path);
    free (self);
    *self_p = NULL;
}
