/*
 * fault - the table of faults.def, looked up.
 */
#include "fault.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

typedef struct {
    const char *name;
    fault_retry_t retry;
    bool is_policy;
    const char *text;
} row_t;

static const row_t rows[] = {
#define FAULT(name, retry, policy, text) {#name, RETRY_##retry, policy, text},
#include "faults.def"
#undef FAULT
    {"UNKNOWN", RETRY_FIXED, false,
     "a fault that this version does not know; see its text, and update this side"},
};

static const row_t *
row_of (fault_t fault)
{
    assert ((size_t) fault < sizeof rows / sizeof *rows);
    return &rows[fault];
}

const char *
fault_name (fault_t self)
{
    return row_of (self)->name;
}

const char *
fault_text (fault_t self)
{
    return row_of (self)->text;
}

fault_retry_t
fault_retry (fault_t self)
{
    return row_of (self)->retry;
}

bool
fault_is_policy (fault_t self)
{
    return row_of (self)->is_policy;
}

fault_t
fault_find (const char *name)
{
    for (size_t i = 0; i < FAULT_UNKNOWN; i++)
        if (strcmp (rows[i].name, name) == 0)
            return (fault_t) i;
    return FAULT_UNKNOWN;
}
