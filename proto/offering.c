/*
 * offering - may this offering stand in the catalogue?
 *
 * The offering is walked once through protobuf's own description of it, so
 * that no text is forgotten when a field is added.  Every text is searched for
 * persons' numbers; where a table has a rule for the field, the value is held
 * against it.  What concerns more than one field comes after.
 */
#include "offering.h"
#include "codes.h"
#include "day.h"
#include "identifier.h"
#include "person_number.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 100 };

typedef struct {
    char *problem; // may be NULL
    size_t size;
} check_t;

// A field's name and place; one that is too long is cut, which harms nobody.
__attribute__ ((format (printf, 2, 3))) static void
put_path (char path[PATH_BYTES], const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (path, PATH_BYTES, format, arguments);
    va_end (arguments);
}

static fault_t
fail (const check_t *self, fault_t fault, const char *path, const char *what)
{
    if (self->problem)
        snprintf (self->problem, self->size, "%s: %s", path, what);
    return fault;
}

// ---------------------------------------------------------------- single values

static bool
is_decimal (const char *text)
{
    size_t whole = strspn (text, "0123456789");
    if (whole == 0 || text[whole] != '.')
        return whole > 0 && !text[whole];
    size_t fraction = strspn (text + whole + 1, "0123456789");
    return fraction > 0 && !text[whole + 1 + fraction];
}

static bool
is_whole_number (const char *text)
{
    return !text[strspn (text, "0123456789")];
}

static bool
has_letters (const char *text, size_t count, char first, char last)
{
    size_t n = 0;
    while (text[n] >= first && text[n] <= last)
        n++;
    return n == count && !text[n];
}

static bool
is_currency (const char *text)
{
    return has_letters (text, 3, 'A', 'Z');
}

static bool
is_country (const char *text)
{
    return has_letters (text, 2, 'A', 'Z');
}

// ISO 639-1, for the languages of a service, which may be any.
static bool
is_language (const char *text)
{
    return has_letters (text, 2, 'a', 'z');
}

// A prefix: a section's letter, or 62, 62.0, 62.01.
static bool
is_nace (const char *text)
{
    if (has_letters (text, 1, 'A', 'V'))
        return true;
    if (strspn (text, "0123456789") != 2)
        return false;
    size_t fraction = text[2] == '.' ? strspn (text + 3, "0123456789") : 0;
    return !text[2] || (fraction >= 1 && fraction <= 2 && !text[3 + fraction]);
}

// "country", "municipality", or NUTS with the year of its version.
static bool
is_area_scheme (const char *text)
{
    return strcmp (text, "country") == 0 || strcmp (text, "municipality") == 0 ||
           (strncmp (text, "NUTS-", 5) == 0 && strspn (text + 5, "0123456789") == 4 && !text[9]);
}

static bool
is_area_code (const char *text)
{
    static const char digits_and_capitals[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t n = strspn (text, digits_and_capitals);
    return n >= 2 && n <= 8 && !text[n];
}

static bool
is_web_address (const char *text)
{
    return (strncmp (text, "https://", 8) == 0 || strncmp (text, "http://", 7) == 0) &&
           !strpbrk (text, " \t\n<>\"");
}

// ---------------------------------------------------------------- the rules

typedef struct {
    const ProtobufCMessageDescriptor *message;
    const char *field;
    bool (*is_right) (const char *text); // NULL: a code of `list`
    codes_list_t list;
    bool needed;
    const char *what; // it must be
} rule_t;

#define RULE(message, field, is_right, what)                                                       \
    {                                                                                              \
        &kask__##message##__descriptor, field, is_right, 0, false, "must be " what " or empty"     \
    }
#define CODED(message, field, list)                                                                \
    {                                                                                              \
        &kask__##message##__descriptor, field, NULL, CODES_##list, false, "not a known code"       \
    }
#define CODED_NEEDED(message, field, list)                                                         \
    {                                                                                              \
        &kask__##message##__descriptor, field, NULL, CODES_##list, true,                           \
            "must be given, a known code"                                                          \
    }

static const rule_t rules[] = {
    CODED_NEEDED (offering, "kind", KIND),
    CODED_NEEDED (offering, "status", STATUS),
    CODED (offering, "themes", THEME),
    CODED_NEEDED (text, "language", LANGUAGE),
    CODED (eligibility, "nace_version", NACE_VERSION),
    CODED (eligibility, "stages", STAGE),
    CODED (eligibility, "foreign_clients", FOREIGN_CLIENTS),
    CODED (channel, "kind", CHANNEL),
    CODED (price, "model", PRICE_MODEL),
    RULE (offering, "service_languages", is_language, "two letters (ISO 639-1)"),
    RULE (offering, "opens", day_is_valid, "a day, YYYY-MM-DD,"),
    RULE (offering, "closes", day_is_valid, "a day, YYYY-MM-DD,"),
    RULE (offering, "starts", day_is_valid, "a day, YYYY-MM-DD,"),
    RULE (offering, "ends", day_is_valid, "a day, YYYY-MM-DD,"),
    RULE (offering, "assured_on", day_is_valid, "a day, YYYY-MM-DD,"),
    RULE (offering, "url", is_web_address, "a web address, http or https,"),
    RULE (provider, "country", is_country, "two capitals (ISO 3166)"),
    RULE (eligibility, "nace", is_nace, "a NACE prefix such as C, 62 or 62.01"),
    RULE (eligibility, "employees_min", is_whole_number, "a whole number"),
    RULE (eligibility, "employees_max", is_whole_number, "a whole number"),
    RULE (area, "code", is_area_code, "an area's code"),
    RULE (area, "scheme", is_area_scheme, "country, municipality or NUTS with a year"),
    RULE (channel, "url", is_web_address, "a web address, http or https,"),
    RULE (contact, "url", is_web_address, "a web address, http or https,"),
    RULE (price, "amount", is_decimal, "a decimal number with a dot"),
    RULE (price, "currency", is_currency, "three capitals (ISO 4217)"),
    RULE (funding, "total", is_decimal, "a decimal number with a dot"),
    RULE (funding, "maximum", is_decimal, "a decimal number with a dot"),
    RULE (funding, "currency", is_currency, "three capitals (ISO 4217)"),
    RULE (funding, "rate_percent", is_decimal, "a decimal number with a dot"),
};

static const rule_t *
find_rule (const ProtobufCMessageDescriptor *message, const char *field)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].message == message && strcmp (rules[i].field, field) == 0)
            return &rules[i];
    return NULL;
}

static bool
obeys (const rule_t *rule, const char *text)
{
    if (!*text)
        return !rule->needed;
    return rule->is_right ? rule->is_right (text) : codes_find (rule->list, text) != NULL;
}

// ---------------------------------------------------------------- the walk

static fault_t check_message (const check_t *self, const ProtobufCMessage *message,
                              const char *path);

static bool
has_person_number (const char *field, const char *text)
{
    return (strcmp (field, "telephone") == 0 ? person_number_find_in_telephone (text)
                                             : person_number_find (text)) != PERSON_NUMBER_NONE;
}

static fault_t
check_text (const check_t *self, const ProtobufCMessageDescriptor *message, const char *field,
            const char *text, const char *path)
{
    if (has_person_number (field, text))
        return fail (self, FAULT_PERSON_NUMBER, path,
                     "a national identity number of a person: take it out");
    const rule_t *rule = find_rule (message, field);
    return !rule || obeys (rule, text) ? FAULT_OK
                                       : fail (self, FAULT_BAD_OFFERING, path, rule->what);
}

// One value of a field: `value` points to it as it lies in the struct.
static fault_t
check_value (const check_t *self, const ProtobufCMessageDescriptor *message,
             const ProtobufCFieldDescriptor *field, const void *value, const char *path)
{
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return check_text (self, message, field->name, *(char *const *) value, path);
    if (field->type == PROTOBUF_C_TYPE_MESSAGE && *(ProtobufCMessage *const *) value)
        return check_message (self, *(ProtobufCMessage *const *) value, path);
    return FAULT_OK;
}

static fault_t
check_list (const check_t *self, const ProtobufCMessage *message,
            const ProtobufCFieldDescriptor *field, const char *path)
{
    const char *base = (const char *) message;
    size_t count = *(const size_t *) (base + field->quantifier_offset);
    void *const *values = *(void *const *const *) (base + field->offset);
    fault_t fault = FAULT_OK;
    for (size_t i = 0; i < count && fault == FAULT_OK; i++) {
        char item[PATH_BYTES];
        put_path (item, "%s[%zu]", path, i);
        fault = check_value (self, message->descriptor, field, &values[i], item);
    }
    return fault;
}

static fault_t
check_message (const check_t *self, const ProtobufCMessage *message, const char *path)
{
    const ProtobufCMessageDescriptor *descriptor = message->descriptor;
    fault_t fault = FAULT_OK;
    for (unsigned i = 0; i < descriptor->n_fields && fault == FAULT_OK; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        char inner[PATH_BYTES];
        put_path (inner, "%s%s%s", path, *path ? "." : "", field->name);
        if (field->label == PROTOBUF_C_LABEL_REPEATED)
            fault = check_list (self, message, field, inner);
        else
            fault = check_value (self, descriptor, field, (const char *) message + field->offset,
                                 inner);
    }
    return fault;
}

// ---------------------------------------------------------------- more than one field

static bool
is_blank (const char *text)
{
    return !text[strspn (text, " \t\r\n")];
}

static fault_t
check_title (const check_t *self, const Kask__Offering *offering)
{
    if (offering->n_title == 0)
        return fail (self, FAULT_BAD_OFFERING, "title", "must be given");
    for (size_t i = 0; i < offering->n_title; i++) {
        char path[PATH_BYTES];
        put_path (path, "title[%zu].text", i);
        if (is_blank (offering->title[i]->text))
            return fail (self, FAULT_BAD_OFFERING, path, "must be given");
        for (size_t k = 0; k < i; k++)
            if (strcmp (offering->title[i]->language, offering->title[k]->language) == 0)
                return fail (self, FAULT_BAD_OFFERING, path, "a second title in its language");
    }
    return FAULT_OK;
}

static fault_t
check_key (const check_t *self, const Kask__Offering *offering, const char *key)
{
    if (!*offering->key)
        return fail (self, FAULT_BAD_OFFERING, "key", "must be given");
    if (key && strcmp (offering->key, key) != 0)
        return fail (self, FAULT_BAD_OFFERING, "key", "is not the header's");
    return FAULT_OK;
}

static fault_t
check_provider (const check_t *self, const Kask__Provider *provider)
{
    if (!provider || (!*provider->number && !provider->identifier_unknown))
        return fail (self, FAULT_BAD_IDENTIFIER, "provider.number",
                     "must be given, or identifier_unknown be true");
    if (!*provider->number)
        return FAULT_OK;
    if (provider->identifier_unknown)
        return fail (self, FAULT_BAD_IDENTIFIER, "provider.identifier_unknown",
                     "is true beside a number");
    identifier_verdict_t verdict = identifier_check (provider->scheme, provider->number);
    if (verdict == IDENTIFIER_OK)
        return FAULT_OK;
    return fail (self, verdict == IDENTIFIER_PERSON ? FAULT_PERSON_NUMBER : FAULT_BAD_IDENTIFIER,
                 verdict == IDENTIFIER_UNKNOWN_SCHEME ? "provider.scheme" : "provider.number",
                 identifier_verdict_text (verdict));
}

static fault_t
check_eligibility (const check_t *self, const Kask__Eligibility *eligibility)
{
    if (!eligibility)
        return FAULT_OK;
    if (eligibility->n_nace > 0 && !*eligibility->nace_version)
        return fail (self, FAULT_BAD_OFFERING, "eligibility.nace_version",
                     "must be given with nace: the versions' codes differ");
    for (size_t i = 0; i < eligibility->n_areas; i++) {
        const Kask__Area *area = eligibility->areas[i];
        char path[PATH_BYTES];
        put_path (path, "eligibility.areas[%zu]", i);
        if (!*area->written && !*area->code)
            return fail (self, FAULT_BAD_OFFERING, path, "needs written or code");
        if (!*area->code != !*area->scheme)
            return fail (self, FAULT_BAD_OFFERING, path, "needs code and scheme, or none of them");
    }
    return FAULT_OK;
}

static fault_t
check_money (const check_t *self, const Kask__Offering *offering)
{
    const Kask__Price *price = offering->price;
    const Kask__Funding *funding = offering->funding;
    if (price && *price->amount && !*price->currency)
        return fail (self, FAULT_BAD_OFFERING, "price.currency", "must be given with amount");
    if (funding && (*funding->total || *funding->maximum) && !*funding->currency)
        return fail (self, FAULT_BAD_OFFERING, "funding.currency",
                     "must be given with total or maximum");
    return FAULT_OK;
}

// Days written YYYY-MM-DD sort as texts.
static fault_t
check_days (const check_t *self, const Kask__Offering *offering)
{
    if (*offering->opens && *offering->closes && strcmp (offering->opens, offering->closes) > 0)
        return fail (self, FAULT_BAD_OFFERING, "closes", "lies before opens");
    if (*offering->starts && *offering->ends && strcmp (offering->starts, offering->ends) > 0)
        return fail (self, FAULT_BAD_OFFERING, "ends", "lies before starts");
    return FAULT_OK;
}

fault_t
offering_check (const Kask__Offering *offering, const char *key, char *problem, size_t size)
{
    check_t self = {problem, size};
    if (problem && size)
        problem[0] = '\0';
    fault_t fault = check_message (&self, &offering->base, "");
    if (fault == FAULT_OK)
        fault = check_key (&self, offering, key);
    if (fault == FAULT_OK)
        fault = check_title (&self, offering);
    if (fault == FAULT_OK)
        fault = check_provider (&self, offering->provider);
    if (fault == FAULT_OK)
        fault = check_eligibility (&self, offering->eligibility);
    if (fault == FAULT_OK)
        fault = check_money (&self, offering);
    return fault == FAULT_OK ? check_days (&self, offering) : fault;
}
