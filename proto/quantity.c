/*
 * quantity - digits, a space perhaps, and a unit of a table.
 */
#include "quantity.h"

#include <stddef.h>
#include <string.h>

typedef struct {
    const char *name;
    int64_t size;
} unit_t;

static const unit_t bare[] = {{"", 1}, {NULL, 0}};
static const unit_t of_bytes[] = {
    {"", 1}, {"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {NULL, 0},
};
static const unit_t of_time[] = {
    {"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000}, {NULL, 0},
};

static bool
take_digits (const char **text_p, int64_t *number_p)
{
    const char *text = *text_p;
    int64_t number = 0;
    while (*text >= '0' && *text <= '9') {
        number = number * 10 + (*text++ - '0');
        if (number > QUANTITY_MOST)
            return false;
    }
    bool any = text > *text_p;
    *text_p = text;
    *number_p = number;
    return any;
}

static bool
quantity (const char *text, const unit_t *units, int64_t *number_p)
{
    int64_t number;
    if (!take_digits (&text, &number))
        return false;
    text += strspn (text, " ");
    while (units->name && strcmp (units->name, text) != 0)
        units++;
    if (!units->name || number > QUANTITY_MOST / units->size)
        return false;
    *number_p = number * units->size;
    return true;
}

bool
quantity_count (const char *text, int64_t *number_p)
{
    return quantity (text, bare, number_p);
}

bool
quantity_bytes (const char *text, int64_t *number_p)
{
    return quantity (text, of_bytes, number_p);
}

bool
quantity_duration (const char *text, int64_t *number_p)
{
    if (strcmp (text, "0") == 0)
        return quantity (text, bare, number_p);
    return quantity (text, of_time, number_p);
}
