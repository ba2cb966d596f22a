/*
 * format_setup - a format and its options, out of the adapter's settings.
 *
 * `[format NAME]` says which format NAME is and with which options
 * (formats/FORMATS.md).  Without such a section NAME is the format itself,
 * without options.
 */
#ifndef KASK_FORMAT_SETUP_H
#define KASK_FORMAT_SETUP_H

#include "problem.h"
#include "settings.h"

#include <jv.h>
#include <stdbool.h>

typedef struct {
    const char *type; // csv json turtle xml; static, or of the settings
    jv options;       // owned
} format_setup_t;

// False: *problem (PROBLEM_SETUP) names section and option; nothing is to be cleared.
bool format_setup (format_setup_t *self, const settings_t *settings, const char *name,
                   problem_t *problem) __attribute__ ((warn_unused_result));
void format_setup_clear (format_setup_t *self);

// The rows of the section [format …]; the last has no name.
extern const setting_t format_setup_settings[];

#endif
