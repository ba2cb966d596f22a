/*
 * t_offering - what may stand in the catalogue, and which field is named.
 */
#include "offering.h"
#include "tap.h"

// A good offering, rebuilt for each case, that the case then spoils.
static Kask__Offering offering;
static Kask__Provider provider;
static Kask__Eligibility eligibility;
static Kask__Area area;
static Kask__Price price;
static Kask__Funding funding;
static Kask__Channel channel;
static Kask__Contact contact;
static Kask__Text title, second;
static Kask__Text *titles[2] = {&title, &second};
static Kask__Area *areas[] = {&area};
static Kask__Channel *channels[] = {&channel};
static Kask__Contact *contacts[] = {&contact};
static char *codes[1];

static void
build (void)
{
    kask__offering__init (&offering);
    kask__provider__init (&provider);
    kask__eligibility__init (&eligibility);
    kask__area__init (&area);
    kask__price__init (&price);
    kask__funding__init (&funding);
    kask__channel__init (&channel);
    kask__contact__init (&contact);
    kask__text__init (&title);
    kask__text__init (&second);
    title.language = "nb", title.text = "Rådgivning om eksport";
    second.language = "en", second.text = "Export advice";
    provider.scheme = "0192", provider.number = "974760673";
    area.written = "Agder", area.code = "NO092", area.scheme = "NUTS-2024";
    offering.key = "a-1", offering.kind = "advice", offering.status = "active";
    offering.n_title = 2, offering.title = titles;
    offering.provider = &provider;
    offering.eligibility = &eligibility;
    eligibility.n_areas = 1, eligibility.areas = areas;
    offering.price = &price;
    offering.funding = &funding;
    offering.n_channels = 1, offering.channels = channels;
    offering.n_contacts = 1, offering.contacts = contacts;
}

static void
put_code (size_t *n_p, char ***list_p, char *code)
{
    codes[0] = code;
    *n_p = 1;
    *list_p = codes;
}

// The present offering gets that fault, and the problem begins with the field.
static void
gets (fault_t want, const char *field, const char *name)
{
    char problem[OFFERING_PROBLEM_BYTES];
    fault_t fault = offering_check (&offering, "a-1", problem, sizeof problem);
    bool good = fault == want && strncmp (problem, field, strlen (field)) == 0;
    if (!ok (good, name))
        printf ("# %s: %s\n", fault_name (fault), problem);
    build ();
}

static void
a_good_offering_passes (void)
{
    gets (FAULT_OK, "", "a good one");
    offering.provider->number = "", offering.provider->scheme = "";
    provider.identifier_unknown = true;
    gets (FAULT_OK, "", "an identifier stated unknown");
    char problem[OFFERING_PROBLEM_BYTES];
    is_int (offering_check (&offering, NULL, problem, sizeof problem), FAULT_OK, "no header yet");
    is_int (offering_check (&offering, "a-2", NULL, 0), FAULT_BAD_OFFERING,
            "another key, and nobody asks why");
}

static void
what_must_be_given_is_missed (void)
{
    offering.n_title = 0;
    gets (FAULT_BAD_OFFERING, "title:", "no title");
    title.text = " \n";
    gets (FAULT_BAD_OFFERING, "title[0].text:", "a blank title");
    second.language = "nb";
    gets (FAULT_BAD_OFFERING, "title[1]", "two titles in one language");
    offering.kind = "";
    gets (FAULT_BAD_OFFERING, "kind:", "no kind");
    offering.status = "";
    gets (FAULT_BAD_OFFERING, "status:", "no status");
    offering.key = "";
    gets (FAULT_BAD_OFFERING, "key:", "no key");
    second.language = "";
    gets (FAULT_BAD_OFFERING, "title[1].language:", "a text without language");
}

static void
unknown_codes_are_refused (void)
{
    offering.kind = "service";
    gets (FAULT_BAD_OFFERING, "kind:", "an unknown kind");
    offering.status = "closed";
    gets (FAULT_BAD_OFFERING, "status:", "an unknown status");
    put_code (&offering.n_themes, &offering.themes, "magic");
    gets (FAULT_BAD_OFFERING, "themes[0]:", "an unknown theme");
    put_code (&offering.n_service_languages, &offering.service_languages, "Danish");
    gets (FAULT_BAD_OFFERING, "service_languages[0]:", "a language that is no code");
    put_code (&eligibility.n_stages, &eligibility.stages, "old");
    gets (FAULT_BAD_OFFERING, "eligibility.stages[0]:", "an unknown stage");
    eligibility.foreign_clients = "perhaps";
    gets (FAULT_BAD_OFFERING,
          "eligibility.foreign_clients:", "foreign clients are yes, no, unknown");
    price.model = "dear";
    gets (FAULT_BAD_OFFERING, "price.model:", "an unknown price model");
    channel.kind = "pigeon";
    gets (FAULT_BAD_OFFERING, "channels[0].kind:", "an unknown channel");
    second.language = "fi";
    gets (FAULT_BAD_OFFERING, "title[1].language:", "a text in a sixth language");
}

static void
values_have_their_form (void)
{
    put_code (&eligibility.n_nace, &eligibility.nace, "62.01");
    eligibility.nace_version = "2.1";
    gets (FAULT_OK, "", "a NACE prefix with its version");
    put_code (&eligibility.n_nace, &eligibility.nace, "62.01");
    gets (FAULT_BAD_OFFERING, "eligibility.nace_version:", "NACE without its version");
    put_code (&eligibility.n_nace, &eligibility.nace, "software");
    gets (FAULT_BAD_OFFERING, "eligibility.nace[0]:", "NACE that is none");
    eligibility.employees_max = "ca. 50";
    gets (FAULT_BAD_OFFERING, "eligibility.employees_max:", "a size that is no number");
    area.code = "";
    gets (FAULT_BAD_OFFERING, "eligibility.areas[0]:", "a scheme without a code");
    area.written = "", area.code = "", area.scheme = "";
    gets (FAULT_BAD_OFFERING, "eligibility.areas[0]:", "an area of nothing");
    area.scheme = "NUTS";
    gets (FAULT_BAD_OFFERING, "eligibility.areas[0].scheme:", "NUTS without its year");
    price.amount = "1.250,00", price.currency = "DKK";
    gets (FAULT_BAD_OFFERING, "price.amount:", "a decimal comma");
    price.amount = "1250.00";
    gets (FAULT_BAD_OFFERING, "price.currency:", "an amount without a currency");
    funding.maximum = "500000", funding.currency = "kr";
    gets (FAULT_BAD_OFFERING, "funding.currency:", "a currency that is none");
    offering.opens = "2026-02-29";
    gets (FAULT_BAD_OFFERING, "opens:", "a day that does not exist");
    offering.opens = "2026-03-02", offering.closes = "2026-03-01";
    gets (FAULT_BAD_OFFERING, "closes:", "closes before it opens");
    offering.url = "javascript:alert(1)";
    gets (FAULT_BAD_OFFERING, "url:", "an address that is not of the web");
}

static void
identifiers_are_right_or_stated_unknown (void)
{
    provider.number = "974760674";
    gets (FAULT_BAD_IDENTIFIER, "provider.number:", "a wrong check digit");
    provider.scheme = "9999";
    gets (FAULT_BAD_IDENTIFIER, "provider.scheme:", "an unknown scheme");
    provider.number = "";
    gets (FAULT_BAD_IDENTIFIER, "provider.number:", "neither a number nor stated unknown");
    offering.provider = NULL;
    gets (FAULT_BAD_IDENTIFIER, "provider.number:", "no provider at all");
    provider.identifier_unknown = true;
    gets (FAULT_BAD_IDENTIFIER, "provider.identifier_unknown:", "both");
    provider.scheme = "0007", provider.number = "8112289874";
    gets (FAULT_PERSON_NUMBER, "provider.number:", "a Swedish sole trader");
}

static void
persons_numbers_are_found_everywhere (void)
{
    second.text = "Ring Ole, 010190-1234";
    gets (FAULT_PERSON_NUMBER, "title[1].text:", "in a text");
    contact.mail = "0101901009@example.org";
    gets (FAULT_PERSON_NUMBER, "contacts[0].mail:", "in a list of messages");
    put_code (&offering.n_requirements, &offering.requirements, "01019010046");
    gets (FAULT_PERSON_NUMBER, "requirements[0]:", "in a list of texts");
    contact.telephone = "0101901009";
    gets (FAULT_OK, "", "but a telephone number is none");
    second.text = "811228-9874";
    char problem[OFFERING_PROBLEM_BYTES];
    is_int (offering_check (&offering, NULL, problem, sizeof problem), FAULT_PERSON_NUMBER,
            "found again");
    ok (!strstr (problem, "9874"), "and not repeated in the problem");
    build ();
}

int
main (void)
{
    build ();
    a_good_offering_passes ();
    what_must_be_given_is_missed ();
    unknown_codes_are_refused ();
    values_have_their_form ();
    identifiers_are_right_or_stated_unknown ();
    persons_numbers_are_found_everywhere ();
    return tap_end ();
}
