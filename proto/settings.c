/*
 * settings - what a configuration file says, asked by section and key.
 *
 * What was written was tried when it was read (settings_read.c), so that asking cannot
 * fail for the file's reasons.
 */
#include "settings.h"
#include "quantity.h"
#include "settings_store.h"

#include <assert.h>
#include <string.h>

static bool
is_number_type (setting_type_t type)
{
    return type == SETTING_COUNT || type == SETTING_BYTES || type == SETTING_DURATION;
}

static bool
number_of (setting_type_t type, const char *text, int64_t *number_p)
{
    switch (type) {
    case SETTING_COUNT: return quantity_count (text, number_p);
    case SETTING_BYTES: return quantity_bytes (text, number_p);
    default: return quantity_duration (text, number_p);
    }
}

static const settings_entry_t *
find_written (const settings_t *self, const char *section, const char *name)
{
    for (size_t i = 0; i < self->n_sections; i++)
        if (strcmp (self->sections[i].name, section) == 0)
            return settings_find_entry (self, i, name);
    return NULL;
}

static const setting_t *
require_row (const settings_t *self, const char *section, const char *name)
{
    const setting_t *row = settings_find_row (self->table, section, name);
    assert (row);
    return row;
}

// As written or by default; "" for what must be given in a section that is
// not there.
static const char *
value_of (const settings_t *self, const char *section, const char *name, const setting_t *row)
{
    const settings_entry_t *entry = find_written (self, section, name);
    if (entry)
        return entry->text;
    const char *path = self->defaults[row - self->table];
    return path ? path : row->value ? row->value : "";
}

const char *
settings_text (const settings_t *self, const char *section, const char *name)
{
    const setting_t *row = require_row (self, section, name);
    assert (row->type == SETTING_TEXT || row->type == SETTING_PATH);
    return value_of (self, section, name, row);
}

bool
settings_flag (const settings_t *self, const char *section, const char *name)
{
    const setting_t *row = require_row (self, section, name);
    assert (row->type == SETTING_FLAG);
    return strcmp (value_of (self, section, name, row), "yes") == 0;
}

int64_t
settings_number (const settings_t *self, const char *section, const char *name)
{
    const setting_t *row = require_row (self, section, name);
    assert (is_number_type (row->type));
    const char *text = value_of (self, section, name, row);
    int64_t number = 0;
    bool good = !*text || number_of (row->type, text, &number);
    assert (good);
    return number;
}

const char *
settings_list (const settings_t *self, const char *section, const char *name, size_t i)
{
    const setting_t *row = require_row (self, section, name);
    assert (row->type == SETTING_LIST);
    if (!find_written (self, section, name))
        return i == 0 && row->value && *row->value ? row->value : NULL;
    for (size_t k = 0; k < self->n_entries; k++) {
        const settings_entry_t *entry = &self->entries[k];
        if (strcmp (self->sections[entry->section].name, section) == 0 &&
            strcmp (entry->name, name) == 0 && i-- == 0)
            return entry->text;
    }
    return NULL;
}

const char *
settings_section (const settings_t *self, const char *kind, size_t i)
{
    for (size_t k = 1; k < self->n_sections; k++)
        if (settings_is_kind (self->sections[k].name, kind) && i-- == 0)
            return self->sections[k].name;
    return NULL;
}

const char *
settings_key (const settings_t *self, const char *section, size_t i)
{
    for (size_t k = 0; k < self->n_entries; k++) {
        const settings_entry_t *entry = &self->entries[k];
        if (strcmp (entry->row->name, "*") == 0 &&
            strcmp (self->sections[entry->section].name, section) == 0 && i-- == 0)
            return entry->name;
    }
    return NULL;
}
