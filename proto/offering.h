/*
 * offering - may this offering stand in the catalogue?
 *
 * The publisher's adapter asks before it sends, the broker before it stores,
 * with the same answer (PROTOCOL.md section 10).  Pure.
 */
#ifndef KASK_OFFERING_H
#define KASK_OFFERING_H

#include "content.pb-c.h"
#include "fault.h"

#include <stddef.h>

enum {
    OFFERING_PROBLEM_BYTES = 200 // enough for any problem
};

// `key` is the header's key, NULL where there is no header yet.
//
// FAULT_OK, or FAULT_BAD_OFFERING: no title, another key than the header's, an
// unknown kind, status or other code; FAULT_BAD_IDENTIFIER: an unknown scheme or a
// wrong check digit, or neither a number nor identifier_unknown;
// FAULT_PERSON_NUMBER: a national identity number of a person in any text.
//
// `problem` (of `size` bytes, may be NULL) then says which field, by its path
// ("title[2].text"), and what is wrong.  It never repeats a value.
fault_t offering_check (const Kask__Offering *offering, const char *key, char *problem,
                        size_t size) KASK_CHECKED;

#endif
