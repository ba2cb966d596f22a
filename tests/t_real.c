/*
 * t_real - published lists and catalogues through the adapter's own code: format, mapping, records.
 *
 * The files lie beside the checkout, in ../shared/data, or where $KASK_DATA
 * says; without them the test is skipped.
 */
#include "desk_setup.h"
#include "format_setup.h"
#include "formats/format.h"
#include "formats/options.h"
#include "ledger.h"
#include "reading.h"
#include "records.h"
#include "tap.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

static char source[PATH_MAX], data[PATH_MAX];

static void
find_folders (void)
{
    const char *checkout = getenv ("KASK_SOURCE");
    const char *given = getenv ("KASK_DATA");
    snprintf (source, sizeof source, "%.3000s", checkout ? checkout : KASK_SRCDIR);
    snprintf (data, sizeof data, "%.3000s%s", given ? given : source,
              given ? "" : "/../shared/data");
}

// ---- one file through format and mapping

typedef struct {
    reading_t reading;
    mapping_t *mapping;
    format_report_t report;
    problem_t broken; // why the file was not read to its end
    bool whole;
} import_t;

static char *
load (const char *name, size_t *size_p)
{
    char path[2 * PATH_MAX];
    snprintf (path, sizeof path, "%s/%s", data, name);
    FILE *file = fopen (path, "rb");
    char *bytes = file ? malloc (8 << 20) : NULL;
    *size_p = bytes ? fread (bytes, 1, 8 << 20, file) : 0;
    if (file)
        fclose (file);
    return bytes;
}

static bool
take (void *arg, jv record, const format_place_t *place, const problem_t *problem)
{
    import_t *self = arg;
    problem_t trouble;
    if (problem) {
        self->reading.records++;
        reading_set_aside (&self->reading, problem);
        jv_free (record);
        return true;
    }
    jv args = jv_parse ("{\"partner\":\"p\",\"source\":\"s\",\"now\":\"2026-11-24T12:00:00Z\"}");
    bool good = reading_map (&self->reading, self->mapping, record, args, place->line, &trouble);
    jv_free (args);
    return good;
}

static void
import_file (import_t *self, const char *type, jv options, const char *program, const char *name)
{
    problem_t problem;
    char path[2 * PATH_MAX];
    format_input_t input = {.name = name};
    *self = (import_t){.whole = false};
    snprintf (path, sizeof path, "%s/%s", source, program);
    self->mapping = mapping_new (path, NULL, &problem);
    reading_init (&self->reading, GIVES_OFFERINGS, name);
    char *bytes = load (name, &input.size);
    input.bytes = bytes;
    if (self->mapping && bytes)
        self->whole =
            format_read (type, options, &input, 1, take, self, &self->report, &self->broken);
    else
        printf ("# %s: %s\n", name, self->mapping ? "cannot be read" : problem.what);
    free (bytes);
}

// By a partner's own configuration.
static void
import_by (import_t *self, const char *partner, const char *section, const char *name)
{
    char path[2 * PATH_MAX], trouble[SETTINGS_PROBLEM_BYTES], program[PATH_MAX];
    format_setup_t format;
    problem_t problem;
    snprintf (path, sizeof path, "%s/adapters/%s/adapter.conf", source, partner);
    settings_t *settings = settings_read (path, desk_settings (), trouble);
    if (!settings ||
        !format_setup (&format, settings, settings_text (settings, section, "format"), &problem)) {
        printf ("Bail out! %s: %s\n", path, settings ? problem.what : trouble);
        exit (1);
    }
    const char *mapping = settings_text (settings, section, "mapping");
    snprintf (program, sizeof program, "%.3000s", mapping + strlen (source) + 1);
    import_file (self, format.type, format.options, program, name);
    format_setup_clear (&format);
    settings_destroy (&settings);
}

static void
import_end (import_t *self)
{
    mapping_destroy (&self->mapping);
    reading_clear (&self->reading);
    format_report_clear (&self->report);
}

static int
count (jv list)
{
    return jv_array_length (jv_copy (list));
}

static void
show_problems (const import_t *self)
{
    for (int i = 0; i < count (self->reading.problems); i++) {
        jv problem = jv_array_get (jv_copy (self->reading.problems), i);
        jv text = reading_problem_text (&self->reading, problem);
        printf ("# %s\n", jv_string_value (text));
        jv_free (text);
        jv_free (problem);
    }
}

// What the records' keys make of it: how many are published, how many refused.
static void
plan (const import_t *self, int *published_p, int *refused_p)
{
    sqlite3 *db = NULL;
    problem_t problem;
    plan_t steps;
    jv import = reading_import (&self->reading, true);
    bool good = sqlite3_open (":memory:", &db) == SQLITE_OK && ledger_prepare (db, &problem) &&
                records_plan (&steps, db, "s", import, false);
    *published_p = good ? count (steps.steps) : -1;
    *refused_p = good ? count (steps.problems) : -1;
    for (int i = 0; good && i < *refused_p; i++) {
        jv one = jv_array_get (jv_copy (steps.problems), i);
        printf ("# %s\n", options_text (one, "problem", ""));
        jv_free (one);
    }
    if (good)
        plan_clear (&steps);
    sqlite3_close (db);
    jv_free (import);
}

// How many of the offerings have that text at that place, "funding.total".
static int
count_with (const import_t *self, const char *first, const char *second, const char *want)
{
    int n = 0;
    for (int i = 0; i < count (self->reading.outputs); i++) {
        jv offering = jv_array_get (jv_copy (self->reading.outputs), i);
        jv inner = *second ? options_get (offering, first) : jv_copy (offering);
        n += strcmp (options_text (inner, *second ? second : first, ""), want) == 0;
        jv_free (inner);
        jv_free (offering);
    }
    return n;
}

// Signs of a text that was read in another encoding than its own.
static bool
has_mojibake (const import_t *self)
{
    static const char *const signs[] = {"\xC3\x83", "\xEF\xBF\xBD", "\xC3\x82\xC2",
                                        "\xC2\x96", "\xC2\x92",     "\xC2\x93"};
    jv text = jv_dump_string (jv_copy (self->reading.outputs), 0);
    bool found = false;
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        found |= strstr (jv_string_value (text), signs[i]) != NULL;
    jv_free (text);
    return found;
}

// ---- the Danish list of projects

static void
the_danish_list_comes_whole (void)
{
    import_t list;
    int published, refused;
    import_by (&list, "vaeksthus-nordjylland", "source projects", "real/dk-erdf-2014-2020.csv");
    ok (list.whole, "the Danish list is read to its end");
    is_int (list.reading.records, 107, "it has 107 rows");
    is_int (count (list.reading.outputs), 107, "each becomes an offering");
    is_int (count (list.reading.problems), 0, "and none is set aside");
    show_problems (&list);
    is_int (count_with (&list, "kind", "", "effort"), 107, "each is an effort");
    int stated = 0;
    for (int i = 0; i < count (list.reading.outputs); i++) {
        jv offering = jv_array_get (jv_copy (list.reading.outputs), i);
        jv provider = options_get (offering, "provider");
        stated += !options_flag (provider, "identifier_unknown", false) ||
                  *options_text (provider, "number", "");
        jv_free (provider);
        jv_free (offering);
    }
    is_int (stated, 0, "no provider's number is invented");
    plan (&list, &published, &refused);
    is_int (
        published, 107,
        "the keys tell all rows apart, the four pairs with one title, beneficiary and start, too");
    is_int (refused, 0, "so none is refused for its key");
    is_int (count_with (&list, "funding", "total", "15414794"), 1, "15.414.794 is 15414794");
    is_int (count_with (&list, "funding", "rate_percent", "50"), 74, "50% stands 74 times");
    is_int (count_with (&list, "starts", "", "2014-04-24"), 2, "24.04.2014 is 2014-04-24");
    ok (!has_mojibake (&list), "nothing is misread from ISO-8859-1");
    import_end (&list);
}

// ---- the Norwegian files

static void
the_norwegian_files_come_whole (void)
{
    static const struct {
        const char *file;
        int services;
        size_t broken_line; // 0: it is read
    } table[] = {
        {"exAlleKlasser", 1, 0},
        {"exGebyr", 0, 0},
        {"exKatalog", 0, 0},
        {"exKontaktPunkt", 0, 11},
        {"exKrav", 0, 0},
        {"exOffentligOrganisasjon", 0, 0},
        {"exOffentligTjeneste", 0, 1},
        {"exTidsrom", 0, 1},
        {"exTjenestekanalEpost", 0, 0},
        {"exTjenestekanalOnline", 0, 0},
        {"exTjenestekanalTelefon", 0, 0},
        {"exTjenestekanalTjenestekontor", 0, 0},
        {"exTjenesteresultat", 0, 0},
        {"exVirksomhetshendelse", 0, 0},
    };
    int services = 0, broken = 0;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        import_t file;
        char name[100];
        snprintf (name, sizeof name, "real/cpsv-ap-no/%s.ttl", table[i].file);
        import_by (&file, "aust-agder", "source services", name);
        services += count (file.reading.outputs);
        broken += !file.whole;
        if (!file.whole)
            printf ("# %s:%zu: %s\n", name, file.broken.line, file.broken.what);
        else
            ok (jv_object_length (jv_copy (file.report.types)) > 0,
                "its resources are counted by type");
        bool good = count (file.reading.outputs) == table[i].services &&
                    file.whole == (table[i].broken_line == 0) &&
                    (file.whole || (file.broken.line > 0 && file.broken.what[0]));
        ok (good, name);
        ok (!has_mojibake (&file), "nothing is misread");
        if (file.whole)
            show_problems (&file);
        import_end (&file);
    }
    is_int (services, 1, "every PublicService of a file that parses is an offering");
    is_int (broken, 3, "three files do not parse, each with line and reason");
}

static void
references_are_resolved (void)
{
    import_t file;
    import_by (&file, "aust-agder", "source services", "real/cpsv-ap-no/exAlleKlasser.ttl");
    jv first = jv_array_get (jv_copy (file.reading.outputs), 0);
    jv mail = options_item (first, "channels", 1);
    is_int (options_length (first, "channels"), 4, "its four channels are in it");
    is_text (options_text (mail, "mail", ""), "postmottak@bronnoy.kommune.no",
             "with what each one says of itself");
    ok (options_length (first, "title") > 0, "it has a title");
    jv_free (mail);
    jv_free (first);
    import_end (&file);
}

// ---- the written catalogue

static void
the_catalogue_comes_whole (void)
{
    import_t list;
    int published, refused;
    jv options = jv_object ();
    import_file (&list, "json", options, "tests/real/catalogue.jq", "catalogue/offerings.json");
    jv_free (options);
    ok (list.whole, "the catalogue is read to its end");
    is_int (list.reading.records, 180, "it has 180 offerings");
    is_int (count (list.reading.outputs), 180, "all are taken");
    show_problems (&list);
    plan (&list, &published, &refused);
    is_int (published, 180, "and published");
    is_int (count_with (&list, "provider", "scheme", "0184"), 75, "75 Danish");
    is_int (count_with (&list, "provider", "scheme", "0192"), 58, "58 Norwegian");
    is_int (count_with (&list, "provider", "scheme", "0007"), 47, "47 Swedish");
    is_int (count_with (&list, "status", "", "paused"), 8, "paused ones stay paused");
    is_int (count_with (&list, "eligibility", "foreign_clients", "unknown"), 21,
            "unknown is not empty");
    ok (!has_mojibake (&list), "nothing is misread");
    import_end (&list);
}

int
main (void)
{
    char readme[2 * PATH_MAX];
    find_folders ();
    snprintf (readme, sizeof readme, "%s/README.md", data);
    if (access (readme, R_OK) != 0) {
        printf ("1..0 # SKIP no data in %s\n", data);
        return 0;
    }
    the_danish_list_comes_whole ();
    the_norwegian_files_come_whole ();
    references_are_resolved ();
    the_catalogue_comes_whole ();
    return tap_end ();
}
