/*
 * t_person_number - what is one, and what only looks like one.
 *
 * The numbers are made up: right check digits, no person's.
 */
#include "person_number.h"
#include "tap.h"

#define NBSP "\xc2\xa0"
#define EN_DASH "\xe2\x80\x93"

static const struct {
    const char *text;
    person_number_t want;
} texts[] = {
    {"CPR: 010190-1234, ring i morgen", PERSON_NUMBER_DANISH},
    {"010190" EN_DASH "1234", PERSON_NUMBER_DANISH},
    {"cpr 0101901009.", PERSON_NUMBER_DANISH},
    {"2902041004", PERSON_NUMBER_DANISH},
    {"310290-1234", PERSON_NUMBER_NONE}, // no such day
    {"011390-1234", PERSON_NUMBER_NONE}, // no such month
    {"0101901008", PERSON_NUMBER_NONE},  // a row of digits needs the check
    {"010190-123", PERSON_NUMBER_NONE},
    {"010190-12345", PERSON_NUMBER_NONE}, // Norwegian form, wrong check digits

    {"fnr 01019010046", PERSON_NUMBER_NORWEGIAN},
    {"010190 10046", PERSON_NUMBER_NORWEGIAN},
    {"010190" NBSP "10046", PERSON_NUMBER_NORWEGIAN},
    {"(41019010110)", PERSON_NUMBER_NORWEGIAN}, // D-number
    {"01419010029", PERSON_NUMBER_NORWEGIAN},   // H-number
    {"29020410181", PERSON_NUMBER_NORWEGIAN},   // leap day
    {"29020510011", PERSON_NUMBER_NONE},        // none in that year
    {"01819010001", PERSON_NUMBER_NONE},        // month + 80: synthetic, nobody's
    {"01019010047", PERSON_NUMBER_NONE},
    {"01019010056", PERSON_NUMBER_NONE},

    {"personnr 811228-9874", PERSON_NUMBER_SWEDISH},
    {"8112289874", PERSON_NUMBER_SWEDISH},
    {"19811228-9874", PERSON_NUMBER_SWEDISH},
    {"198112289874", PERSON_NUMBER_SWEDISH},
    {"121212+1212", PERSON_NUMBER_SWEDISH},
    {"701063-2391", PERSON_NUMBER_SWEDISH}, // samordningsnummer
    {"SE811228987401", PERSON_NUMBER_SWEDISH},
    {"pnr811228-9874", PERSON_NUMBER_SWEDISH},
    {"8112289875", PERSON_NUMBER_NONE},
    {"21811228-9874", PERSON_NUMBER_NONE}, // no such century

    {"", PERSON_NUMBER_NONE},
    {"CVR 29826358, DK-29826358", PERSON_NUMBER_NONE},
    {"org.nr. 974 760 673 MVA", PERSON_NUMBER_NONE},
    {"556016-0680, SE556016068001, 2321000131", PERSON_NUMBER_NONE},
    {"tlf. +45 98 12 34 56", PERSON_NUMBER_NONE},
    {"+4598123456 eller 004598123456", PERSON_NUMBER_NONE},
    {"+47 37 01 73 00", PERSON_NUMBER_NONE},
    {"031-786 00 00, 070-123 45 69", PERSON_NUMBER_NONE},
    {"Mobil: 0101901009", PERSON_NUMBER_NONE},
    {"0701234569", PERSON_NUMBER_NONE}, // a mobile number far more often
    {"2026-11-24, 24.11.2026, 20261124", PERSON_NUMBER_NONE},
    {"15.414.794 kr., 1 250 000", PERSON_NUMBER_NONE},
    {"IBAN NO9386011117947", PERSON_NUMBER_NONE},
    {"ISBN 9788711981122", PERSON_NUMBER_NONE},
    {"a8112289874 8112289874b", PERSON_NUMBER_NONE}, // parts of something else
    {"5811228987412", PERSON_NUMBER_NONE},
};

static void
texts_are_searched (void)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        is_int (person_number_find (texts[i].text), texts[i].want, texts[i].text);
}

static void
a_telephone_field_needs_the_hyphen (void)
{
    is_int (person_number_find_in_telephone ("0101901009"), PERSON_NUMBER_NONE,
            "ten digits are a telephone number");
    is_int (person_number_find_in_telephone ("010190-1009"), PERSON_NUMBER_DANISH,
            "with a hyphen they are a person's");
}

int
main (void)
{
    texts_are_searched ();
    a_telephone_field_needs_the_hyphen ();
    return tap_end ();
}
