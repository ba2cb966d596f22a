/*
 * codes - the table of codes.def, looked up.
 */
#include "codes.h"

#include <string.h>

static const code_t codes[] = {
#define CODE(list, group, code, da, nb, nn, sv, en)                                                \
    {CODES_##list, group, code, {da, nb, nn, sv, en}},
#include "codes.def"
#undef CODE
};

enum { N_CODES = sizeof codes / sizeof *codes };

const code_t *
codes_find (codes_list_t list, const char *code)
{
    for (size_t i = 0; i < N_CODES; i++)
        if (codes[i].list == list && strcmp (codes[i].code, code) == 0)
            return &codes[i];
    return NULL;
}

const code_t *
codes_next (codes_list_t list, size_t i)
{
    for (size_t k = 0; k < N_CODES; k++)
        if (codes[k].list == list && i-- == 0)
            return &codes[k];
    return NULL;
}

bool
legal_basis_is_known (const char *code)
{
    return codes_find (CODES_LEGAL_BASIS, code) != NULL;
}

bool
outcome_code_is_known (const char *code)
{
    return codes_find (CODES_OUTCOME, code) != NULL;
}

static const char *
reason_group (Kask__Event event)
{
    switch (event) {
    case KASK__EVENT__EVENT_HOLD: return "HOLD";
    case KASK__EVENT__EVENT_REOPEN: return "REOPEN";
    case KASK__EVENT__EVENT_MARK_ERROR: return "MARK_ERROR";
    default: return "";
    }
}

bool
reason_code_is_known (Kask__Event event, const char *code)
{
    const code_t *row = codes_find (CODES_REASON, code);
    const char *group = reason_group (event);
    return row && *group && (strcmp (row->group, "ANY") == 0 || strcmp (row->group, group) == 0);
}

bool
obstacle_is_known (const Kask__Obstacle *obstacle)
{
    return codes_find (CODES_OBSTACLE, obstacle->code) &&
           (!*obstacle->level || codes_find (CODES_LEVEL, obstacle->level)) &&
           (!*obstacle->effect || codes_find (CODES_EFFECT, obstacle->effect));
}

bool
event_is_known (Kask__Event event)
{
    return event != KASK__EVENT__EVENT_NONE &&
           protobuf_c_enum_descriptor_get_value (&kask__event__descriptor, (int) event);
}

bool
event_is_brokers (Kask__Event event)
{
    switch (event) {
    case KASK__EVENT__EVENT_RECEIPT:
    case KASK__EVENT__EVENT_EXPIRE:
    case KASK__EVENT__EVENT_REMIND:
    case KASK__EVENT__EVENT_DEAD_LETTER:
    case KASK__EVENT__EVENT_REPLAYED:
    case KASK__EVENT__EVENT_RETURNED:
    case KASK__EVENT__EVENT_DROPPED: return true;
    default: return false;
    }
}
