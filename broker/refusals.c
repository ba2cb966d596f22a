/*
 * refusals - those that repeat are counted, not told each time.
 */
#include "refusals.h"

#include <stdlib.h>

typedef struct {
    refusal_kind_t kind;
    int64_t since; // its minute began
    uint64_t count;
} counted_t;

typedef struct {
    counted_t kinds[REFUSALS_KINDS];
    size_t n;
} table_t;

struct refusals_s {
    table_t now; // what a batch under way has made of it
    table_t committed;
    bool is_changed;
};

refusals_t *
refusals_new (void)
{
    refusals_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    return self;
}

void
refusals_destroy (refusals_t **self_p)
{
    free (*self_p);
    *self_p = NULL;
}

static counted_t *
find (table_t *table, const refusal_kind_t *kind)
{
    for (size_t i = 0; i < table->n; i++) {
        const refusal_kind_t *k = &table->kinds[i].kind;
        if (k->actor == kind->actor && k->counterpart == kind->counterpart &&
            k->event == kind->event && k->fault == kind->fault)
            return &table->kinds[i];
    }
    return NULL;
}

bool
refusals_note (refusals_t *self, const refusal_kind_t *kind, int64_t now)
{
    counted_t *counted = find (&self->now, kind);
    if (!counted && self->now.n == REFUSALS_KINDS)
        return true;
    self->is_changed = true;
    if (counted) {
        counted->count++;
        return false;
    }
    self->now.kinds[self->now.n++] = (counted_t){.kind = *kind, .since = now};
    return true;
}

bool
refusals_take (refusals_t *self, int64_t now, refusal_kind_t *kind, uint64_t *count_p)
{
    table_t *table = &self->now;
    for (size_t i = 0; i < table->n;) {
        counted_t *counted = &table->kinds[i];
        if (now - counted->since < REFUSALS_PERIOD_MS) {
            i++;
            continue;
        }
        self->is_changed = true;
        if (counted->count) {
            *kind = counted->kind;
            *count_p = counted->count;
            counted->count = 0;
            counted->since = now;
            return true;
        }
        *counted = table->kinds[--table->n]; // a quiet minute: forgotten
    }
    return false;
}

void
refusals_commit (refusals_t *self)
{
    if (self->is_changed)
        self->committed = self->now;
    self->is_changed = false;
}

void
refusals_rollback (refusals_t *self)
{
    if (self->is_changed)
        self->now = self->committed;
    self->is_changed = false;
}
