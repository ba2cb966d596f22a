/*
 * t_identifier - organisation numbers, as written and as they stand on the wire.
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

static const struct {
    const char *scheme;
    const char *written;
    const char *want; // "" where it is none
} readings[] = {
    {"0184", "DK-29826358", "29826358"},
    {"0184", "DK 29 82 63 58", "29826358"},
    {"0184", "CVR-nr. 29826358", "29826358"},
    {"0184", "CVR: 29 82 63 58", "29826358"},
    {"0184", "29826358 MVA", ""},
    {"0192", "974 760 673 MVA", "974760673"},
    {"0192", "NO974760673MVA", "974760673"},
    {"0192",
     "974\xc2\xa0"
     "760\xc2\xa0"
     "673",
     "974760673"},
    {"0192", "org.nr. 974 760 673", "974760673"},
    {"0192", "974 760 674", ""},
    {"0007", "556016-0680", "5560160680"},
    {"0007", "SE556016068001", "5560160680"},
    {"0007", "16556016-0680", "5560160680"},
    {"0007", "811228-9874", ""},
    {"0007", "SE811228987401", ""},
    {"0007", "556016-0680-556016-0680-556016-0680-556016-0680-556016-0680-556016-0680-55", ""},
    {"0184", "", ""},
};

static void
numbers_are_checked (void)
{
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        is_int (identifier_check (checks[i].scheme, checks[i].number), checks[i].want,
                checks[i].name);
}

static void
written_forms_are_read (void)
{
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
        char number[IDENTIFIER_BYTES];
        identifier_verdict_t verdict =
            identifier_read (readings[i].scheme, readings[i].written, number);
        is_text (number, readings[i].want, readings[i].written);
        ok ((verdict == IDENTIFIER_OK) == (*number != '\0'), "and the verdict says the same");
    }
}

static void
countries_have_registers (void)
{
    is_text (identifier_scheme_of ("DK"), "0184", "Denmark's register");
    is_text (identifier_scheme_of ("NO"), "0192", "Norway's");
    is_text (identifier_scheme_of ("SE"), "0007", "Sweden's");
    ok (!identifier_scheme_of ("DE"), "another country has none here");
}

int
main (void)
{
    numbers_are_checked ();
    written_forms_are_read ();
    countries_have_registers ();
    return tap_end ();
}
