/*
 * request - the file with which a partner asks to take part.
 */
#include "request.h"
#include "calendar.h"
#include "codec.h"
#include "keys.h"
#include "statement.h"
#include "utf8.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

typedef enum { PARTNER, NAME, COUNTRY, STATEMENT, SIGNATURE, N_KEYS } request_key_t;

static const char *const keys[N_KEYS] = {"partner", "name", "country", "statement", "signature"};

enum { VALUE_BYTES = 2 * LIMIT_STATEMENT_BYTES + 1 };

typedef struct {
    char values[N_KEYS][VALUE_BYTES]; // "" where the line was not there
    char *problem;
    size_t problem_size;
} request_t;

static bool
bad (const request_t *self, const char *what)
{
    snprintf (self->problem, self->problem_size,
              "request file: %s; nothing was changed; have the partner make it again with "
              "kask-adapter init",
              what);
    return false;
}

static const char *
trimmed (const char *from, const char *end, size_t *size_p)
{
    while (from < end && strchr (" \t\r\"", *from))
        from++;
    while (end > from && strchr (" \t\r\"", end[-1]))
        end--;
    *size_p = (size_t) (end - from);
    return from;
}

static int
key_find (const char *name, size_t size)
{
    for (int k = 0; k < N_KEYS; k++)
        if (strlen (keys[k]) == size && memcmp (keys[k], name, size) == 0)
            return k;
    return -1;
}

static bool
take_line (request_t *self, const char *line, const char *end)
{
    size_t size;
    const char *start = trimmed (line, end, &size);
    if (size == 0 || *start == '#')
        return true;
    const char *equals = memchr (start, '=', (size_t) (end - start));
    if (!equals)
        return bad (self, "a line is not of the form key = value");
    const char *name = trimmed (start, equals, &size);
    int key = key_find (name, size);
    if (key < 0)
        return bad (self,
                    "a line has another key than partner, name, country, statement, signature");
    const char *value = trimmed (equals + 1, end, &size);
    if (self->values[key][0])
        return bad (self, "a key is given twice");
    if (size >= VALUE_BYTES)
        return bad (self, "a value is too long");
    memcpy (self->values[key], value, size);
    self->values[key][size] = '\0';
    return true;
}

static bool
take_lines (request_t *self, const char *text)
{
    for (const char *line = text; *line;) {
        const char *end = line + strcspn (line, "\n");
        if (!take_line (self, line, end))
            return false;
        line = *end ? end + 1 : end;
    }
    for (int k = 0; k < N_KEYS; k++)
        if (!self->values[k][0])
            return bad (self, "a line is missing: partner, name, country, statement and signature "
                              "are needed");
    return true;
}

static bool
text_is_clean (const char *text)
{
    for (const char *c = text; *c; c++)
        if ((unsigned char) *c < ' ' || *c == 0x7F)
            return false;
    return utf8_is_text ((const uint8_t *) text, strlen (text));
}

static bool
names_take (const request_t *self, partner_t *partner)
{
    const char *id = self->values[PARTNER];
    if (!partner_name_is_valid (id))
        return bad (self, "the partner's name is not of a-z, 0-9 and -, beginning with a letter");
    if (strcmp (id, "catalogue") == 0 || strcmp (id, "broker") == 0 || strcmp (id, "operator") == 0)
        return bad (self, "catalogue, broker and operator are the broker's own names");
    const char *name = self->values[NAME];
    if (strlen (name) > LIMIT_SHORT_TEXT_BYTES || !text_is_clean (name))
        return bad (self, "the name is too long, or not UTF-8 without control characters");
    if (calendar_country_find (self->values[COUNTRY]) == CALENDAR_NONE)
        return bad (self, "the country is not DK, NO or SE");
    memcpy (partner->id, id, strlen (id) + 1); // a valid name fits
    memcpy (partner->name, name, strlen (name) + 1);
    memcpy (partner->country, self->values[COUNTRY], sizeof partner->country);
    return true;
}

static bool
bytes_take (const char *hex, uint8_t *to, size_t max, size_t *size_p)
{
    return sodium_hex2bin (to, max, hex, strlen (hex), NULL, size_p, NULL) == 0 &&
           *size_p * 2 == strlen (hex);
}

static bool
statement_take (const request_t *self, partner_t *partner)
{
    size_t size;
    if (!bytes_take (self->values[STATEMENT], partner->statement, sizeof partner->statement,
                     &partner->statement_size))
        return bad (self, "the statement is not hex, or too long");
    if (!bytes_take (self->values[SIGNATURE], partner->signature, sizeof partner->signature,
                     &size) ||
        size != sizeof partner->signature)
        return bad (self, "the signature is not 64 bytes of hex");
    Kask__KeyStatement *statement;
    if (statement_unpack (partner->statement, partner->statement_size, &statement) != FAULT_OK)
        return bad (self, "the statement cannot be read");
    bool same = strcmp (statement->partner, partner->id) == 0;
    keys_put (partner, statement);
    kask__key_statement__free_unpacked (statement, NULL);
    if (!same)
        return bad (self, "the statement is another partner's");
    if (!check_statement (partner->signature, partner->identity_key, partner->statement,
                          partner->statement_size))
        return bad (self, "the statement is not signed by the identity key that it names");
    return true;
}

bool
request_read (const char *text, partner_t *partner, char *problem, size_t size)
{
    request_t self = {.problem_size = size};
    self.problem = problem;
    *partner = (partner_t){0};
    if (strlen (text) > REQUEST_BYTES)
        return bad (&self, "it is longer than a request");
    return take_lines (&self, text) && names_take (&self, partner) &&
           statement_take (&self, partner);
}
