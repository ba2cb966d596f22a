/*
 * person_number - does a text hold a national identity number of a person?
 *
 * Danish CPR, Norwegian foedselsnummer, D-number and H-number, Swedish
 * personnummer and samordningsnummer.  The date in it must exist, and the check
 * digits must be right where there are any.  Organisation numbers, telephone
 * numbers, dates and amounts are not taken for one.
 *
 * Danish numbers have no reliable check digit since 2007: written ddmmyy-nnnn a
 * date is enough; as ten digits in a row the old check must hold, too, or
 * every long number would be one.
 */
#ifndef KASK_PERSON_NUMBER_H
#define KASK_PERSON_NUMBER_H

typedef enum {
    PERSON_NUMBER_NONE,
    PERSON_NUMBER_DANISH,
    PERSON_NUMBER_NORWEGIAN,
    PERSON_NUMBER_SWEDISH
} person_number_t;

// The kind of the first one in the text (UTF-8).
person_number_t person_number_find (const char *text);

// The same of a field that holds a telephone number: ten digits in a row are
// one, so only what is written with its hyphen counts.
person_number_t person_number_find_in_telephone (const char *telephone);

#endif
