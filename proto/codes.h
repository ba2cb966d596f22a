/*
 * codes - every code of the contract, with the words that people read.
 *
 * codes.def is the table.  Codes are case-sensitive, and their lists are
 * short enough to be searched from the front.
 */
#ifndef KASK_CODES_H
#define KASK_CODES_H

#include "kask.pb-c.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    CODES_LEGAL_BASIS,
    CODES_OBSTACLE,
    CODES_LEVEL,
    CODES_EFFECT,
    CODES_OUTCOME,
    CODES_REASON,
    CODES_KIND,
    CODES_STATUS,
    CODES_THEME,
    CODES_STAGE,
    CODES_LANGUAGE,
    CODES_PRICE_MODEL,
    CODES_CHANNEL,
    CODES_FOREIGN_CLIENTS,
    CODES_SCHEME,
    CODES_NACE_VERSION
} codes_list_t;

enum { CODES_LANGUAGES = 5 };

// One row of the table.
typedef struct {
    codes_list_t list;
    const char *group;                  // "SYSTEMIC"; "" where there is none
    const char *code;                   // "SEAT"
    const char *label[CODES_LANGUAGES]; // da nb nn sv en
} code_t;

// The row of that code, or NULL.  The empty text is no code.
const code_t *codes_find (codes_list_t list, const char *code);

// The i-th row of a list; NULL behind the last.
const code_t *codes_next (codes_list_t list, size_t i);

bool legal_basis_is_known (const char *code);
bool outcome_code_is_known (const char *code);

// May the code be the reason of that event (HOLD, REOPEN, MARK_ERROR)?
bool reason_code_is_known (Kask__Event event, const char *code);

// Is it an event of this version?
bool event_is_known (Kask__Event event);

// Is it an event that the broker alone makes?
bool event_is_brokers (Kask__Event event);

// The code is known, level and effect are known or empty.
bool obstacle_is_known (const Kask__Obstacle *obstacle);

#endif
