/*
 * t_formats - CSV, JSON, XML and Turtle: what comes to the sink, and what is set aside.
 */
#include "formats/format.h"
#include "formats/text.h"
#include "formats/value.h"
#include "tap.h"

#include <stdlib.h>

typedef struct {
    jv records;
    int n_problems;
    problem_t first;
    size_t first_line, last_line;
} got_t;

static bool
take (void *arg, jv record, const format_place_t *place, const problem_t *problem)
{
    got_t *got = arg;
    if (problem) {
        if (got->n_problems++ == 0)
            got->first = *problem;
        jv_free (record);
        return true;
    }
    if (got->first_line == 0)
        got->first_line = place->line;
    got->last_line = place->line;
    got->records = jv_array_append (got->records, record);
    return true;
}

static bool
read_bytes (const char *format, const char *options, const char *bytes, size_t size, got_t *got)
{
    format_input_t input = {"test", bytes, size};
    problem_t problem;
    jv parsed = jv_parse (options);
    *got = (got_t){.records = jv_array ()};
    bool whole = format_read (format, parsed, &input, 1, take, got, NULL, &problem);
    if (!whole && got->n_problems == 0)
        got->first = problem;
    jv_free (parsed);
    return whole;
}

static bool
read_text (const char *format, const char *options, const char *text, got_t *got)
{
    return read_bytes (format, options, text, strlen (text), got);
}

// The records as one JSON text; frees them.
static const char *
text_of (got_t *got)
{
    static char text[4000];
    jv dumped = jv_dump_string (got->records, JV_PRINT_SORTED);
    snprintf (text, sizeof text, "%s", jv_string_value (dumped));
    jv_free (dumped);
    got->records = jv_null ();
    return text;
}

// ---- csv

static void
csv_reads_what_offices_write (void)
{
    static const struct {
        const char *name, *options, *input, *want;
        int problems;
    } table[] = {
        {"a plain file", "{}", "a;b\n1;2\n", "[{\"a\":\"1\",\"b\":\"2\"}]", 0},
        {"a quoted newline and doubled quotation marks", "{}",
         "a;b\r\n\"x\ny\";\"say \"\"hi\"\"\"\r\n", "[{\"a\":\"x\\ny\",\"b\":\"say \\\"hi\\\"\"}]",
         0},
        {"windows-1252 by guess", "{}", "n\xE6vn\nR\xF8nne \x96 \xC5\n",
         "[{\"n\xC3\xA6vn\":\"R\xC3\xB8nne \xE2\x80\x93 \xC3\x85\"}]", 0},
        {"ISO-8859-1 by name", "{\"encoding\":\"ISO-8859-1\"}", "a\n\xE5\n",
         "[{\"a\":\"\xC3\xA5\"}]", 0},
        {"UTF-8 with a mark", "{}",
         "\xEF\xBB\xBF"
         "a,b\n\xC3\xA5,2\n",
         "[{\"a\":\"\xC3\xA5\",\"b\":\"2\"}]", 0},
        {"a spreadsheet's own first line", "{}", "sep=,\r\na,b\r\n1,\"2;\"\r\n",
         "[{\"a\":\"1\",\"b\":\"2;\"}]", 0},
        {"line ends of all kinds", "{}", "a;b\r\n1;2\n3;4\r5;6",
         "[{\"a\":\"1\",\"b\":\"2\"},{\"a\":\"3\",\"b\":\"4\"},{\"a\":\"5\",\"b\":\"6\"}]", 0},
        {"columns without a name", "{}", "a;;\n1;2;3\n",
         "[{\"a\":\"1\",\"column 2\":\"2\",\"column 3\":\"3\"}]", 0},
        {"a tab", "{\"delimiter\":\"\\t\"}", "a\tb\n1\t2\n", "[{\"a\":\"1\",\"b\":\"2\"}]", 0},
        {"a column more", "{\"columns\":[{\"column\":\"b\",\"name\":\"B\"}]}", "a;b;c\n1;2;3\n",
         "[{\"B\":\"2\",\"a\":\"1\",\"c\":\"3\"}]", 0},
        {"white space in a header", "{\"columns\":[{\"column\":\"a b\",\"name\":\"x\"}]}",
         "\"a \n b \";c\n1;2\n", "[{\"c\":\"2\",\"x\":\"1\"}]", 0},
        {"empty rows", "{}", "a;b\n\n;\n1;2\n", "[{\"a\":\"1\",\"b\":\"2\"}]", 0},
        {"a row too short, the rest goes on", "{}", "a;b\n1\n3;4\n", "[{\"a\":\"3\",\"b\":\"4\"}]",
         1},
        {"a date that does not exist",
         "{\"columns\":[{\"column\":\"a\",\"type\":\"date\",\"format\":\"dd.mm.yyyy\"}]}",
         "a\n31.02.2020\n24.04.2014\n", "[{\"a\":\"2014-04-24\"}]", 1},
        {"numbers and rates",
         "{\"columns\":[{\"column\":\"a\",\"type\":\"integer\",\"style\":\"da\"},{\"column\":\"b\","
         "\"type\":\"percent\",\"style\":\"da\"}]}",
         "a;b\n15.414.794;50%\n1.5;1%\n1;0,5\n", "[{\"a\":\"15414794\",\"b\":\"50\"}]", 2},
        {"what a spreadsheet spoilt", "{\"columns\":[{\"column\":\"a\",\"type\":\"identifier\"}]}",
         "a\n1,23E+09\n0012\n", "[{\"a\":\"0012\"}]", 1},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        got_t got;
        char name[120];
        bool whole = read_text ("csv", table[i].options, table[i].input, &got);
        is_text (text_of (&got), table[i].want, table[i].name);
        snprintf (name, sizeof name, "%s: as many are set aside", table[i].name);
        is_int (got.n_problems + !whole * 100, table[i].problems, name);
    }
}

static void
csv_breaks_off_what_it_cannot_read (void)
{
    got_t got;
    ok (!read_text ("csv", "{}", "a;b\n1;x\"y\n", &got), "a stray quotation mark breaks the file");
    is_int (got.first.line, 2, "with its line");
    jv_free (got.records);
    ok (!read_text ("csv", "{}", "a;b\n1;\"2\n", &got),
        "a quotation mark that never ends breaks the file");
    jv_free (got.records);
    ok (read_text ("csv", "{\"quotes\":\"lenient\"}", "a;b\n1;x\"y\n", &got),
        "unless it is lenient");
    jv_free (got.records);
    ok (!read_text ("csv", "{\"columns\":[{\"column\":\"c\",\"needed\":true}]}", "a;b\n1;2\n",
                    &got),
        "a needed column is missing");
    is_text (got.first.field, "c", "and is named");
    jv_free (got.records);
    ok (!read_text ("csv", "{\"encoding\":\"UTF-8\"}", "a\n\xE5\n", &got),
        "a byte that is not UTF-8 breaks the file");
    jv_free (got.records);
    ok (!read_text ("csv", "{\"colums\":[]}", "a\n", &got),
        "an option with a slip of the pen is refused");
    is_int (got.first.scope, PROBLEM_SETUP, "before anything is read");
    jv_free (got.records);
    ok (!read_text ("csv", "{}", "", &got), "an empty file is no list");
    jv_free (got.records);
    (void) !read_text ("csv", "{}", "a;b\n1;2\n\"x\ny\";3\n4;5\n", &got);
    is_int (got.last_line, 5, "lines are counted through quoted newlines");
    jv_free (got.records);
}

static void
csv_writes_what_it_reads (void)
{
    static const char options[] =
        "{\"encoding\":\"ISO-8859-1\",\"quoting\":\"all\",\"newline\":\"\\n\",\"columns\":[{"
        "\"column\":\"Navn\",\"name\":\"n\"},"
        "{\"column\":\"Dato\",\"name\":\"d\",\"type\":\"date\",\"format\":\"dd.mm.yyyy\"}]}";
    format_buffer_t out = {0};
    problem_t problem;
    got_t got;
    jv parsed = jv_parse (options);
    jv records = jv_parse ("[{\"n\":\"=SUM(A1) \\\"æ\\\"\",\"d\":\"2014-04-24\"}]");
    ok (format_write ("csv", parsed, records, &out, &problem), "records are written");
    is_text (out.bytes, "\"Navn\";\"Dato\"\n\"'=SUM(A1) \"\"\xE6\"\"\";\"24.04.2014\"\n",
             "quoted, in Latin 1, without a formula");
    ok (read_bytes ("csv", options, out.bytes, out.size, &got), "and can be read");
    jv text = jv_dump_string (jv_copy (records), JV_PRINT_SORTED);
    is_text (text_of (&got), jv_string_value (text), "as they were");
    jv_free (text);
    jv_free (records);
    format_buffer_clear (&out);
    records = jv_parse ("[{\"n\":\"\xE2\x98\x83\"}]");
    ok (!format_write ("csv", parsed, records, &out, &problem),
        "a character that the encoding lacks is refused");
    is_text (problem.path, "record 1", "naming the record");
    jv_free (records);
    records = jv_parse ("[{\"x\":\"1\"}]");
    ok (!format_write ("csv", parsed, records, &out, &problem),
        "a member without a column is refused");
    is_text (problem.field, "x", "naming it");
    jv_free (records);
    jv_free (parsed);
    format_buffer_clear (&out);
}

// What would come out with spoilt letters is not read, and the line is named.
static void
no_letter_is_spoilt (void)
{
    static const struct {
        const char *name, *format, *input;
        size_t size, line;
    } table[] = {
#define INPUT(text) (text), sizeof (text) - 1
        {"UTF-8 with a mark, and one byte that is none", "csv",
         INPUT ("\xEF\xBB\xBF"
                "a\n1\n\xE5\n"),
         3},
        {"UTF-8 in part", "csv", INPUT ("a\n\xC3\xA6\n\xE6\n"), 3},
        {"a zero byte", "csv", INPUT ("a\n1\0002\n"), 2},
        {"UTF-16 without a mark", "csv", INPUT ("a\0\n\0001\0\n\0"), 1},
        {"a name given twice", "csv", INPUT ("a;b;a\n1;2;3\n"), 1},
        {"half a pair in JSON", "json", INPUT ("[{\"a\":1},\n{\"a\":\"\\ud800\"}]"), 2},
        {"an escaped zero in JSON", "json", INPUT ("[{\"a\":\"\\u0000\"}]"), 1},
        {"half a pair in Turtle", "turtle", INPUT ("<http://a/1> <http://p>\n\"\\uD83D\" ."), 2},
        {"an escaped zero in Turtle", "turtle", INPUT ("<http://a/1> <http://p> \"a\\u0000b\" ."),
         1},
        {"an empty Turtle file", "turtle", INPUT (" \n"), 0},
        {"XML that lies about its encoding", "xml",
         INPUT ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a>\xE6</a>"), 2},
#undef INPUT
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        got_t got;
        char name[120];
        ok (!read_bytes (table[i].format, "{}", table[i].input, table[i].size, &got),
            table[i].name);
        snprintf (name, sizeof name, "%s: with the line, and what to do", table[i].name);
        ok (got.first.line == table[i].line && *got.first.todo, name);
        jv_free (got.records);
    }
    got_t got;
    ok (read_text ("xml", "{}",
                   "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xC3\xA6</a>",
                   &got),
        "XML with a mark and an encoding that it no longer has");
    is_text (text_of (&got), "[\"\xC3\xA6\"]", "is read as the mark says");
}

// ---- json, xml

static void
json_is_strict (void)
{
    got_t got;
    ok (read_text ("json", "{\"records\":\"data.items\"}",
                   "{\"data\":{\"items\":[{\"id\":9007199254740993},{\"a\":1}]}}", &got),
        "a list inside");
    is_text (text_of (&got), "[{\"id\":\"9007199254740993\"},{\"a\":1}]",
             "a number that a double would change is a text");
    ok (read_text ("json", "{}", "[{\"a\":1},7]", &got), "something else in a list");
    is_int (got.n_problems, 1, "is set aside");
    jv_free (got.records);
    ok (!read_text ("json", "{}", "[{\"a\":1,\"a\":2}]", &got),
        "a name given twice breaks the file");
    jv_free (got.records);
    ok (!read_text ("json", "{}", "[{\"a\":1}", &got), "so does an end too early");
    jv_free (got.records);
    char deep[400];
    memset (deep, '[', 200);
    memset (deep + 200, ']', 199);
    deep[399] = '\0';
    ok (!read_text ("json", "{}", deep, &got), "and too many levels");
    jv_free (got.records);
}

static void
xml_is_read_without_entities (void)
{
    got_t got;
    static const char options[] =
        "{\"record\":\"/n:list/n:a\",\"namespaces\":{\"n\":\"urn:x\"},\"lists\":[\"n:t\"]}";
    ok (read_text ("xml", options,
                   "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><list xmlns=\"urn:x\"><a "
                   "id=\"1\"><t>\xE5</t><u/></a></list>",
                   &got),
        "a document");
    is_text (text_of (&got), "[{\"@id\":\"1\",\"n:t\":[\"\xC3\xA5\"],\"n:u\":\"\"}]",
             "elements and attributes");
    ok (!read_text ("xml", "{}", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", &got),
        "a document type is refused");
    jv_free (got.records);
    ok (!read_text ("xml", "{}", "<a><b></a>", &got), "so is what is not XML");
    jv_free (got.records);
    ok (!read_text ("xml", "{\"document\":\"list\"}", "<html/>", &got),
        "and another kind of document");
    jv_free (got.records);
}

static void
xml_writes_in_order (void)
{
    format_buffer_t out = {0};
    problem_t problem;
    jv options = jv_parse ("{\"root\":\"list\",\"element\":\"a\",\"indent\":false}");
    jv records = jv_parse ("[{\"z\":\"1\",\"b\":[\"2\",\"<3\"]}]");
    ok (format_write ("xml", options, records, &out, &problem), "records are written");
    ok (out.bytes && strstr (out.bytes, "<list><a><"), "inside the root");
    ok (out.bytes && strstr (out.bytes, "<b>2</b><b>&lt;3</b>"), "lists as repeated elements");
    jv_free (records);
    records = jv_parse ("[{\"1 2\":\"x\"}]");
    ok (!format_write ("xml", options, records, &out, &problem),
        "a member that is no name is refused");
    jv_free (records);
    jv_free (options);
    format_buffer_clear (&out);
}

static void
xml_holds_what_people_paste (void)
{
    format_buffer_t out = {0};
    problem_t problem;
    got_t got = {.records = jv_null ()};
    jv options = jv_parse ("{\"root\":\"list\",\"indent\":false}");
    jv records = jv_parse ("[{\"@a\":\"1\\u001f2\",\"#text\":"
                           "\"\\u000bå\\u0000\\ufffe\\uffffz\\t\\n\\r\\u007f\"}]");
    ok (format_write ("xml", options, records, &out, &problem),
        "a text with characters that XML cannot hold is written");
    ok (out.bytes && read_bytes ("xml", "{\"record\":\"/list/*\"}", out.bytes, out.size, &got),
        "and can be read");
    is_text (
        text_of (&got),
        "[{\"#text\":\"\xEF\xBF\xBD\u00e5\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz\\t\\n\\r\\u007f\","
        "\"@a\":\"1\xEF\xBF\xBD"
        "2\"}]",
        "with a mark in place of each, and all else as it was");
    jv_free (records);
    jv_free (options);
    format_buffer_clear (&out);
}

// ---- turtle

#define PREFIXES                                                                                   \
    "@prefix cpsv: <http://purl.org/vocab/cpsv#> .\n@prefix dct: <http://purl.org/dc/terms/> .\n"

static void
turtle_resolves_what_it_refers_to (void)
{
    got_t got;
    static const char options[] = "{\"types\":[\"cpsv:PublicService\"],\"depth\":2}";
    ok (read_text ("turtle", options,
                   PREFIXES
                   "<http://a/1> a cpsv:PublicService ; dct:title \"T\"@nb ; dct:relation "
                   "<http://a/2> .\n<http://a/2> dct:title \"U\" ; dct:relation <http://a/1> .\n",
                   &got),
        "a graph");
    is_text (text_of (&got),
             "[{\"dct:relation\":[{\"dct:relation\":[{\"id\":\"http://a/"
             "1\"}],\"dct:title\":[{\"value\":\"U\"}],\"id\":\"http://a/2\"}],"
             "\"dct:title\":[{\"lang\":\"nb\",\"value\":\"T\"}],\"id\":\"http://a/"
             "1\",\"type\":[\"cpsv:PublicService\"]}]",
             "references stand in their place, circles end");
    ok (!read_text ("turtle", options, PREFIXES "<http://a/1> a cpsv:PublicService ; x:y 1 .\n",
                    &got),
        "an undeclared prefix breaks the file");
    ok (got.first.line > 0, "with its line");
    jv_free (got.records);
    ok (!read_text ("turtle", "{\"types\":[\"nope:X\"]}", "", &got),
        "an unknown prefix in the options is refused");
    jv_free (got.records);
}

static void
turtle_writes_what_it_reads (void)
{
    format_buffer_t out = {0};
    problem_t problem;
    got_t got = {.records = jv_null ()};
    static const char options[] = "{\"types\":\"cpsv:PublicService\"}";
    jv none = jv_object ();
    jv records = jv_parse (
        "[{\"id\":\"http://a/1\",\"type\":[\"cpsv:PublicService\"],\"dct:title\":[{\"value\":\"å "
        "\\\"b\\\"\\n\",\"lang\":\"nb\"}]}]");
    ok (format_write ("turtle", none, records, &out, &problem), "records are written");
    ok (out.bytes && read_bytes ("turtle", options, out.bytes, out.size, &got), "and can be read");
    jv text = jv_dump_string (records, JV_PRINT_SORTED);
    is_text (text_of (&got), jv_string_value (text), "as they were");
    jv_free (text);
    jv_free (none);
    format_buffer_clear (&out);
}

// ---- values

static void
values_are_what_people_write (void)
{
    char out[VALUE_BYTES];
    static const struct {
        const char *text, *style, *want; // want NULL: not one
    } table[] = {
        {"15.414.794", "da", "15414794"},
        {"1.234,5", "da", "1234.5"},
        {"1 234,5", "sv", "1234.5"},
        {"1,234.5", "en", "1234.5"},
        {"-7", "da", "-7"},
        {"1.5", "da", NULL},
        {"12.34.567", "da", NULL},
        {"1,5,6", "da", NULL},
        {"abc", "da", NULL},
        {"", "da", NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        bool good = value_decimal (table[i].text, table[i].style, out);
        ok (table[i].want ? good && strcmp (out, table[i].want) == 0 : !good, table[i].text);
    }
    ok (value_date ("29.02.2024", "dd.mm.yyyy", out) && strcmp (out, "2024-02-29") == 0,
        "a leap day");
    ok (!value_date ("29.02.2023", "dd.mm.yyyy", out), "not in other years");
    ok (value_percent ("12,5 %", "da", out) && strcmp (out, "12.5") == 0, "a rate with a space");
}

int
main (void)
{
    csv_reads_what_offices_write ();
    csv_breaks_off_what_it_cannot_read ();
    csv_writes_what_it_reads ();
    no_letter_is_spoilt ();
    json_is_strict ();
    xml_is_read_without_entities ();
    xml_writes_in_order ();
    xml_holds_what_people_paste ();
    turtle_resolves_what_it_refers_to ();
    turtle_writes_what_it_reads ();
    values_are_what_people_write ();
    return tap_end ();
}
