/*
 * t_dialogue - a jq program and a scripted system, step by step to every end.
 */
#include "dialogue.h"
#include "scratch.h"
#include "tap.h"

// A system that answers each request by the result that the request itself names.
typedef struct {
    connector_t base; // first
    int requests;
    size_t n_attachments;
} system_t;

static connector_result_t
perform (connector_t *base, jv request, const attachment_t *attachments, size_t n, jv *response,
         problem_t *problem)
{
    system_t *self = (system_t *) base;
    jv name = jv_object_get (jv_copy (request), jv_string ("do"));
    const char *what = jv_get_kind (name) == JV_KIND_STRING ? jv_string_value (name) : "";
    connector_result_t result = strcmp (what, "down") == 0       ? CONNECTOR_LATER
                                : strcmp (what, "refuse") == 0   ? CONNECTOR_REFUSED
                                : strcmp (what, "nonsense") == 0 ? CONNECTOR_BAD
                                                                 : CONNECTOR_OK;
    (void) attachments;
    self->requests++;
    self->n_attachments = n;
    if (result == CONNECTOR_OK)
        *response = jv_object_set (jv_object (), jv_string ("n"), jv_number (self->requests));
    else
        problem_set (problem, PROBLEM_RECORD, "", "", "the system says %s", what);
    jv_free (name);
    return result;
}

static void
run (const char *program, system_t *system, dialogue_outcome_t *outcome)
{
    problem_t problem;
    scratch_write ("dialogue.jq", program);
    mapping_t *mapping = mapping_new (scratch_path ("dialogue.jq"), NULL, &problem);
    *system = (system_t){.base = {.perform = perform}};
    if (!mapping) {
        printf ("Bail out! %s\n", problem.what);
        exit (1);
    }
    const attachment_t attachment = {.name = "a"};
    dialogue_run (outcome, mapping, &system->base, jv_parse ("{\"id\":\"x/1\"}"), jv_object (),
                  &attachment, 1, NULL, NULL);
    mapping_destroy (&mapping);
}

static void
it_ends_as_the_program_or_the_system_says (void)
{
    static const struct {
        const char *name, *program;
        dialogue_result_t want;
        int requests;
        const char *text; // in the outcome's text
    } table[] = {
        {"done at once", "{}", DIALOGUE_DONE, 0, ""},
        {"done after two requests", "if .step < 2 then {request: {do: \"ok\"}} else {} end",
         DIALOGUE_DONE, 2, ""},
        {"the program says later", "{later: \"not now\"}", DIALOGUE_LATER, 0, "not now"},
        {"the program refuses", "{refused: \"never\"}", DIALOGUE_REFUSED, 0, "never"},
        {"the system is down", "{request: {do: \"down\"}}", DIALOGUE_LATER, 1,
         "the system says down"},
        {"the system refuses", "{request: {do: \"refuse\"}}", DIALOGUE_REFUSED, 1,
         "the system says refuse"},
        {"the request is none", "{request: {do: \"nonsense\"}}", DIALOGUE_CRASHED, 1, "nonsense"},
        {"the program fails", "error (\"ouch\")", DIALOGUE_CRASHED, 0, "ouch"},
        {"the program answers nothing", "empty", DIALOGUE_CRASHED, 0, "one object"},
        {"the program answers twice", "{}, {}", DIALOGUE_CRASHED, 0, "one object"},
        {"the program never ends", "{request: {do: \"ok\"}}", DIALOGUE_ENDLESS, 1000,
         "1,000 steps"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        dialogue_outcome_t outcome;
        system_t system;
        run (table[i].program, &system, &outcome);
        bool good = outcome.result == table[i].want && system.requests == table[i].requests &&
                    strstr (outcome.text, table[i].text);
        if (!ok (good, table[i].name))
            printf ("#   result %d, %d requests: %s\n", (int) outcome.result, system.requests,
                    outcome.text);
        dialogue_outcome_clear (&outcome);
    }
}

static void
state_and_response_come_back (void)
{
    dialogue_outcome_t outcome;
    system_t system;
    run ("if .step == 0 then {request: {do: \"ok\"}, state: {a: 1}, case: \"C1\", cursor: {t: 1}, "
         "emit: [{n: 1}]}"
         " elif .state.a == 1 and .response.n == 1 and .task.id == \"x/1\" then {emit: [{n: 2}], "
         "incomplete: true} else error (\"lost\") end",
         &system, &outcome);
    is_int (outcome.result, DIALOGUE_DONE, "a second step sees task, state and response");
    is_text (dialogue_outcome_text (&outcome, "case"), "C1", "what an earlier answer said is kept");
    jv cursor = jv_object_get (jv_copy (outcome.said), jv_string ("cursor"));
    ok (jv_get_kind (cursor) == JV_KIND_OBJECT, "the cursor, too");
    jv_free (cursor);
    is_int (jv_array_length (jv_copy (outcome.emitted)), 2, "records of all steps are there");
    ok (outcome.incomplete, "and that the list was not whole");
    is_int (system.n_attachments, 1, "attachments reach the connector");
    dialogue_outcome_clear (&outcome);
}

int
main (void)
{
    scratch_begin ();
    it_ends_as_the_program_or_the_system_says ();
    state_and_response_come_back ();
    return tap_end ();
}
