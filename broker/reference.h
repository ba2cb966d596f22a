/*
 * reference - the short reference of a referral, for the telephone.
 *
 * Made from the broker's number of the referral: "4R0K-W7A2", or three groups
 * once there are more than 410 million.  Neighbouring numbers give references that
 * differ in most places.  Pure.
 *
 * Digits and seven letters, chosen so that no two are alike when spoken in Danish,
 * Norwegian or Swedish, or when written by hand.  The last character is a
 * check: it finds every single wrong character and every swap of neighbours.
 */
#ifndef KASK_REFERENCE_H
#define KASK_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>

enum { REFERENCE_TEXT_BYTES = 15 }; // three groups of four, two dashes, NUL

// `no` is 0 or more, and below 17 to the 11th.
void reference_write (int64_t no, char text[REFERENCE_TEXT_BYTES]);

// Reads what a person wrote: upper or lower case, dashes, dots and spaces anywhere, O
// for 0, I and L for 1.  False, and *no_p is untouched, if it is no reference.
bool reference_read (const char *text, int64_t *no_p);

#endif
