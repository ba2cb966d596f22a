/*
 * identifier - organisation numbers of Denmark, Norway and Sweden.
 *
 * One row a register: how many digits, their weights or Luhn's rule, and what
 * people write around them.
 */
#include "identifier.h"

#include <string.h>

static bool danish_check (const char *number);
static bool norwegian_check (const char *number);
static bool swedish_check (const char *number);

typedef struct {
    const char *scheme;
    const char *country;
    size_t digits;
    bool (*check) (const char *number);
    const char *const *words; // that may stand before or behind, in capitals
    const char *century;      // in front of the number of an organisation, where one is written
    const char *suffix;       // digits behind the number in its VAT form
} register_t;

static const char *const danish_words[] = {"DK", "CVR-NR.", "CVR-NR", "CVR", "SE-NR.", NULL};
static const char *const norwegian_words[] = {"NO", "ORG.NR.", "ORG.NR", "ORGNR", "MVA", NULL};
static const char *const swedish_words[] = {"SE", "ORG.NR.", "ORG.NR", "ORGNR", NULL};

static const register_t registers[] = {
    {"0184", "DK", 8, danish_check, danish_words, "", ""},
    {"0192", "NO", 9, norwegian_check, norwegian_words, "", ""},
    {"0007", "SE", 10, swedish_check, swedish_words, "16", "01"},
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

// Without spaces and hyphens, in capitals; false if it is far too long.
static bool
squeeze (const char *written, char *text, size_t size)
{
    size_t n = 0;
    for (; *written; written++) {
        if (*written == ' ' || *written == '-')
            continue;
        if (strncmp (written, "\xc2\xa0", 2) == 0) {
            written++;
            continue;
        }
        if (n + 1 == size)
            return false;
        text[n++] = (char) (*written >= 'a' && *written <= 'z' ? *written - 'a' + 'A' : *written);
    }
    text[n] = '\0';
    return true;
}

static const char *
skip_words (const char *text, const char *const *words)
{
    for (size_t i = 0; words[i]; i++) {
        char word[16];
        if (squeeze (words[i], word, sizeof word) && strncmp (text, word, strlen (word)) == 0)
            return skip_words (text + strlen (word) + (text[strlen (word)] == ':'), words);
    }
    return text;
}

// Where the digits are more than the number has: its VAT or century form.
static const char *
skip_century (const register_t *self, const char *digits, size_t *n_p)
{
    size_t century = strlen (self->century), suffix = strlen (self->suffix);
    if (suffix && *n_p == self->digits + suffix &&
        strncmp (digits + self->digits, self->suffix, suffix) == 0 && digits[2] >= '2')
        *n_p -= suffix;
    else if (century && *n_p == self->digits + century &&
             strncmp (digits, self->century, century) == 0) {
        *n_p -= century;
        return digits + century;
    }
    return digits;
}

identifier_verdict_t
identifier_read (const char *scheme, const char *written, char number[IDENTIFIER_BYTES])
{
    number[0] = '\0';
    const register_t *self = find_register (scheme);
    if (!self)
        return IDENTIFIER_UNKNOWN_SCHEME;
    char text[64] = "";
    if (!squeeze (written, text, sizeof text))
        return IDENTIFIER_BAD_FORM;
    const char *digits = skip_words (text, self->words);
    size_t n = strspn (digits, "0123456789");
    if (*skip_words (digits + n, self->words))
        return IDENTIFIER_BAD_FORM;
    digits = skip_century (self, digits, &n);
    if (n != self->digits)
        return IDENTIFIER_BAD_FORM;
    memcpy (number, digits, n);
    number[n] = '\0';
    identifier_verdict_t verdict = identifier_check (scheme, number);
    if (verdict != IDENTIFIER_OK)
        number[0] = '\0';
    return verdict;
}

const char *
identifier_scheme_of (const char *country)
{
    for (size_t i = 0; i < sizeof registers / sizeof *registers; i++)
        if (strcmp (registers[i].country, country) == 0)
            return registers[i].scheme;
    return NULL;
}
