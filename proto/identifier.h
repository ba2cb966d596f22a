/*
 * identifier - organisation numbers of Denmark, Norway and Sweden.
 *
 * Named by their register's code in ISO 6523: 0184 Danish CVR, 0192 Norwegian
 * organisasjonsnummer, 0007 Swedish organisationsnummer.  On the wire stand
 * digits only.
 */
#ifndef KASK_IDENTIFIER_H
#define KASK_IDENTIFIER_H

typedef enum {
    IDENTIFIER_OK,
    IDENTIFIER_UNKNOWN_SCHEME,
    IDENTIFIER_BAD_FORM,  // not digits only, or not as many as the register has
    IDENTIFIER_BAD_CHECK, // a digit is wrong
    IDENTIFIER_PERSON     // a Swedish sole trader's, which is a person's number
} identifier_verdict_t;

// Is `number`, as it stands on the wire, one of that register?
identifier_verdict_t identifier_check (const char *scheme, const char *number);

// What is wrong, for people; it never repeats the number.  Static.
const char *identifier_verdict_text (identifier_verdict_t verdict);

#endif
