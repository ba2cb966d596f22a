/*
 * identifier - organisation numbers of Denmark, Norway and Sweden.
 *
 * One row a register: how many digits, and their weights or Luhn's rule.
 */
#include "identifier.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static bool danish_check (const char *number);
static bool norwegian_check (const char *number);
static bool swedish_check (const char *number);

typedef struct {
    const char *scheme;
    size_t digits;
    bool (*check) (const char *number);
} register_t;

static const register_t registers[] = {
    {"0184", 8, danish_check},
    {"0192", 9, norwegian_check},
    {"0007", 10, swedish_check},
};

static int
weighted_sum (const char *number, const char *weights)
{
    int sum = 0;
    for (size_t i = 0; weights[i]; i++)
        sum += (number[i] - '0') * (weights[i] - '0');
    return sum;
}

static bool
danish_check (const char *number)
{
    return weighted_sum (number, "27654321") % 11 == 0;
}

// 11 minus the rest: 11 stands as 0, and 10, which is no digit, is never met.
static bool
norwegian_check (const char *number)
{
    int want = (11 - weighted_sum (number, "32765432") % 11) % 11;
    return number[8] - '0' == want;
}

static bool
swedish_check (const char *number)
{
    int sum = 0;
    for (size_t i = 0; i < 10; i++) {
        int doubled = (number[i] - '0') * (i % 2 == 0 ? 2 : 1);
        sum += doubled / 10 + doubled % 10;
    }
    return sum % 10 == 0;
}

static const register_t *
find_register (const char *scheme)
{
    for (size_t i = 0; i < sizeof registers / sizeof *registers; i++)
        if (strcmp (registers[i].scheme, scheme) == 0)
            return &registers[i];
    return NULL;
}

// In a Swedish organisation's number the "month" is at least 20.
static bool
is_person (const register_t *self, const char *number)
{
    return self->check == swedish_check && number[2] < '2';
}

identifier_verdict_t
identifier_check (const char *scheme, const char *number)
{
    const register_t *self = find_register (scheme);
    if (!self)
        return IDENTIFIER_UNKNOWN_SCHEME;
    if (strlen (number) != self->digits || strspn (number, "0123456789") != self->digits)
        return IDENTIFIER_BAD_FORM;
    if (!self->check (number))
        return IDENTIFIER_BAD_CHECK;
    return is_person (self, number) ? IDENTIFIER_PERSON : IDENTIFIER_OK;
}

const char *
identifier_verdict_text (identifier_verdict_t verdict)
{
    switch (verdict) {
    case IDENTIFIER_OK: return "an organisation's number";
    case IDENTIFIER_UNKNOWN_SCHEME: return "an unknown scheme: give 0184, 0192 or 0007";
    case IDENTIFIER_BAD_FORM: return "not the digits that its register has: give digits only";
    case IDENTIFIER_BAD_CHECK: return "a wrong check digit: compare it with the register";
    default: return "a sole trader's number, which is a person's: take it out";
    }
}
