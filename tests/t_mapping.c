/*
 * t_mapping - a jq program in its child: what it gives, what it refuses, and every limit.
 */
#include "mapping.h"
#include "scratch.h"
#include "tap.h"

static const mapping_limits_t small = {.memory_bytes = 64 << 20,
                                       .cpu_s = 1,
                                       .wall_ms = 8000,
                                       .output_bytes = 20000,
                                       .outputs = 10,
                                       .input_bytes = 20000,
                                       .depth = 10};

static mapping_t *
start (const char *program, problem_t *problem)
{
    const mapping_setup_t setup = {.limits = small};
    scratch_write ("program.jq", program);
    return mapping_new (scratch_path ("program.jq"), &setup, problem);
}

static void
programs_see_record_and_args (void)
{
    problem_t problem;
    jv outputs;
    mapping_t *mapping =
        start ("include \"kask\";\n{a: .a, b: $record.a, partner: $args.partner}", &problem);
    ok (mapping != NULL, "a program with an include starts");
    mapping_result_t result = mapping_apply (mapping, jv_parse ("{\"a\":1}"),
                                             jv_parse ("{\"partner\":\"p\"}"), &outputs, &problem);
    is_int (result, MAPPING_OK, "and gives");
    jv text = jv_dump_string (outputs, JV_PRINT_SORTED);
    is_text (jv_string_value (text), "[{\"a\":1,\"b\":1,\"partner\":\"p\"}]",
             "what it made of record and args");
    jv_free (text);
    mapping_destroy (&mapping);
    ok (!start ("include \"kask\";\n{a: .a\n,,", &problem),
        "one that does not compile does not start");
    ok (problem.scope == PROBLEM_SETUP && problem.line > 0, "and says in which line");
}

static void
helpers_read_what_people_write (void)
{
    static const struct {
        const char *expression, *want; // want NULL: refused
    } table[] = {
        {"\"24.04.2014\" | date_of (\"d\")", "[\"2014-04-24\"]"},
        {"\"4.4.2014\" | date_of (\"d\")", "[\"2014-04-04\"]"},
        {"\"31.02.2014\" | date_of (\"d\")", NULL},
        {"\"2014-04-24\" | date_of (\"d\")", "[\"2014-04-24\"]"},
        {"\" \" | date_of (\"d\")", "[null]"},
        {"\"15.414.794\" | number_of (\"n\")", "[\"15414794\"]"},
        {"\"1.500,50\" | number_of (\"n\")", "[\"1500.50\"]"},
        {"\"1.5\" | number_of (\"n\")", NULL},
        {"\"50%\" | percent_of (\"p\")", "[\"50\"]"},
        {"\"0,5\" | percent_of (\"p\")", NULL},
        {"{a: \" \", b: [null, \"x\"], c: {}} | absent_blanks", "[{\"b\":[\"x\"]}]"},
        {"\"a, b ,\" | split_by (\",\")", "[[\"a\",\"b\"]]"},
        {"\"<p>a&amp;b</p><ul><li>c</li></ul>\" | html_text", "[\"a&b\\n- c\"]"},
        {"\" x \" | text_in (\"da\")", "[[{\"language\":\"da\",\"text\":\"x\"}]]"},
        {"\"\" | required (\"r\")", NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char program[300];
        problem_t problem;
        jv outputs;
        snprintf (program, sizeof program, "include \"kask\";\n%s", table[i].expression);
        mapping_t *mapping = start (program, &problem);
        mapping_result_t result =
            mapping ? mapping_apply (mapping, jv_null (), jv_null (), &outputs, &problem)
                    : MAPPING_UNUSABLE;
        jv text = result == MAPPING_OK ? jv_dump_string (outputs, JV_PRINT_SORTED) : jv_string ("");
        ok (table[i].want ? strcmp (jv_string_value (text), table[i].want) == 0
                          : result == MAPPING_REFUSED,
            table[i].expression);
        jv_free (text);
        mapping_destroy (&mapping);
    }
}

static void
a_record_is_refused_in_words (void)
{
    problem_t problem;
    jv outputs;
    mapping_t *mapping = start ("include \"kask\";\nif .good then .good else problem (\"price\"; "
                                "\"is odd\"; \"correct it\") end",
                                &problem);
    mapping_result_t result = mapping_apply (mapping, jv_object (), jv_null (), &outputs, &problem);
    is_int (result, MAPPING_REFUSED, "problem () refuses the record");
    is_text (problem.field, "price", "with the field");
    is_text (problem.what, "is odd", "what is wrong");
    is_text (problem.todo, "correct it", "and what to do");
    result = mapping_apply (mapping, jv_parse ("{\"good\":1}"), jv_null (), &outputs, &problem);
    is_int (result, MAPPING_OK, "the next record is not touched by it");
    jv_free (outputs);
    mapping_destroy (&mapping);
}

// Each breaks one limit; afterwards a good record goes through a new child.
static void
limits_hold (void)
{
    static const struct {
        const char *name, *bad;
        mapping_result_t want;
    } table[] = {
        {"an endless loop", "def f: f; f", MAPPING_CRASHED},
        {"all memory", "[range(1e9)]", MAPPING_CRASHED},
        {"too many outputs", "range(100)", MAPPING_REFUSED},
        {"too large an output", "[range(20000)]", MAPPING_REFUSED},
        {"too deep an output", "reduce range(100) as $i (0; [.])", MAPPING_REFUSED},
        {"halt", "halt", MAPPING_REFUSED},
        {"a deep error", "error(reduce range(100) as $i (0; [.]))", MAPPING_REFUSED},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char program[200], name[100];
        problem_t problem;
        jv outputs;
        snprintf (program, sizeof program, "if . == 1 then \"good\" else (%s) end", table[i].bad);
        mapping_t *mapping = start (program, &problem);
        mapping_result_t result =
            mapping_apply (mapping, jv_null (), jv_null (), &outputs, &problem);
        if (!ok (result == table[i].want, table[i].name))
            printf ("#   got %d: %s\n", (int) result, problem.what);
        jv_free (outputs);
        snprintf (name, sizeof name, "after %s the next record is good", table[i].name);
        result = mapping_apply (mapping, jv_number (1), jv_null (), &outputs, &problem);
        is_int (result, MAPPING_OK, name);
        jv_free (outputs);
        mapping_destroy (&mapping);
    }
}

static void
a_program_can_open_nothing (void)
{
    problem_t problem;
    jv outputs;
    mapping_t *mapping = start ("[env | length, ($__loc__ | .line)]", &problem);
    mapping_result_t result =
        mapping ? mapping_apply (mapping, jv_null (), jv_null (), &outputs, &problem)
                : MAPPING_UNUSABLE;
    jv text = result == MAPPING_OK ? jv_dump_string (outputs, 0) : jv_string ("");
    is_text (jv_string_value (text), "[[0,1]]", "its environment is empty");
    jv_free (text);
    mapping_destroy (&mapping);
    char long_text[30001];
    memset (long_text, 'x', 30000);
    long_text[30000] = '\0';
    mapping = start (".", &problem);
    result = mapping_apply (mapping, jv_string (long_text), jv_null (), &outputs, &problem);
    is_int (result, MAPPING_REFUSED, "a record above the limit is not even sent");
    jv_free (outputs);
    mapping_destroy (&mapping);
}

int
main (void)
{
    scratch_begin ();
    programs_see_record_and_args ();
    helpers_read_what_people_write ();
    a_record_is_refused_in_words ();
    limits_hold ();
    a_program_can_open_nothing ();
    return tap_end ();
}
