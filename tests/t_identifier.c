/*
 * t_identifier - organisation numbers, as they stand on the wire.
 */
#include "identifier.h"
#include "tap.h"

typedef struct {
    const char *name;
    const char *scheme;
    const char *number;
    identifier_verdict_t want;
} check_case_t;

static const check_case_t checks[] = {
    {"Danish", "0184", "29826358", IDENTIFIER_OK},
    {"Danish", "0184", "13585628", IDENTIFIER_OK},
    {"Danish", "0184", "21265837", IDENTIFIER_OK},
    {"Danish, wrong digit", "0184", "27355020", IDENTIFIER_BAD_CHECK},
    {"Danish, wrong digit", "0184", "10000050", IDENTIFIER_BAD_CHECK},
    {"Danish, a digit short", "0184", "2982635", IDENTIFIER_BAD_FORM},
    {"Norwegian", "0192", "974760673", IDENTIFIER_OK},
    {"Norwegian, wrong digit", "0192", "123456789", IDENTIFIER_BAD_CHECK},
    {"Norwegian, a rest that no digit stands for", "0192", "000000060", IDENTIFIER_BAD_CHECK},
    {"Swedish", "0007", "5560160680", IDENTIFIER_OK},
    {"Swedish", "0007", "2321000131", IDENTIFIER_OK},
    {"Swedish, wrong digit", "0007", "5560125791", IDENTIFIER_BAD_CHECK},
    {"Swedish sole trader", "0007", "8112289874", IDENTIFIER_PERSON},
    {"with a hyphen", "0007", "556016-0680", IDENTIFIER_BAD_FORM},
    {"empty", "0184", "", IDENTIFIER_BAD_FORM},
    {"of another country", "0060", "29826358", IDENTIFIER_UNKNOWN_SCHEME},
    {"without a scheme", "", "29826358", IDENTIFIER_UNKNOWN_SCHEME},
};

static void
numbers_are_checked (void)
{
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        is_int (identifier_check (checks[i].scheme, checks[i].number), checks[i].want,
                checks[i].name);
}

int
main (void)
{
    numbers_are_checked ();
    return tap_end ();
}
