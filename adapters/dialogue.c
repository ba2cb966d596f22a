/*
 * dialogue - runs a jq program that talks with a partner's system, step by step.
 *
 * Each step gives the program the task, its own state and the last response.
 * It is a loop with three ways out: the program says so (done, later,
 * refused), the connector does (later, refused), or one of them is broken.
 */
#include "dialogue.h"

#include "formats/options.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    dialogue_outcome_t *outcome;
    mapping_t *program;
    connector_t *connector;
    const attachment_t *attachments;
    size_t n_attachments;
    jv task, args, state, response;
} dialogue_t;

// Each sets the outcome and says that the dialogue is over.
static bool
over (dialogue_t *self, dialogue_result_t result, const char *text)
{
    self->outcome->result = result;
    snprintf (self->outcome->text, sizeof self->outcome->text, "%s", text);
    return true;
}

static bool
over_by_problem (dialogue_t *self, dialogue_result_t result, const problem_t *problem)
{
    char line[DIALOGUE_TEXT];
    return over (self, result, problem_line (problem, line, sizeof line));
}

// ---- the program

static jv
question (const dialogue_t *self, int step)
{
    jv input = jv_object_set (jv_object (), jv_string ("task"), jv_copy (self->task));
    input = jv_object_set (input, jv_string ("step"), jv_number (step));
    input = jv_object_set (input, jv_string ("state"), jv_copy (self->state));
    return jv_object_set (input, jv_string ("response"), jv_copy (self->response));
}

static void
remember (dialogue_outcome_t *outcome)
{
    static const char *const members[] = {"cursor", "case", "case_key"};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        jv value = options_get (outcome->last, members[i]);
        if (jv_is_valid (value) && jv_get_kind (value) != JV_KIND_NULL)
            outcome->said = jv_object_set (outcome->said, jv_string (members[i]), value);
        else
            jv_free (value);
    }
}

static bool
take_answer (dialogue_t *self, jv outputs)
{
    int n = jv_array_length (jv_copy (outputs));
    jv answer = n == 1 ? jv_array_get (jv_copy (outputs), 0) : jv_invalid ();
    jv_free (outputs);
    if (jv_get_kind (answer) != JV_KIND_OBJECT) {
        jv_free (answer);
        return over (self, DIALOGUE_CRASHED,
                     "the program must answer with one object: correct the program");
    }
    jv_free (self->outcome->last);
    self->outcome->last = answer;
    remember (self->outcome);
    return false;
}

// Asks the program; is the dialogue over?
static bool
ask (dialogue_t *self, int step)
{
    problem_t problem;
    jv outputs;
    switch (mapping_apply (self->program, question (self, step), jv_copy (self->args), &outputs,
                           &problem)) {
    case MAPPING_OK: return take_answer (self, outputs);
    case MAPPING_UNUSABLE: return over_by_problem (self, DIALOGUE_LATER, &problem);
    default: return over_by_problem (self, DIALOGUE_CRASHED, &problem);
    }
}

static bool
take_emitted (dialogue_t *self)
{
    jv emit = options_get (self->outcome->last, "emit");
    jv_kind kind = jv_get_kind (emit);
    if (kind == JV_KIND_ARRAY)
        self->outcome->emitted = jv_array_concat (self->outcome->emitted, emit);
    else
        jv_free (emit);
    if (kind != JV_KIND_ARRAY && kind != JV_KIND_INVALID && kind != JV_KIND_NULL)
        return over (self, DIALOGUE_CRASHED, "emit must be a list: correct the program");
    if (jv_array_length (jv_copy (self->outcome->emitted)) > DIALOGUE_RECORDS)
        return over (self, DIALOGUE_ENDLESS,
                     "the program emits too many records: correct the program");
    return false;
}

// What it says besides a request; is the dialogue over?
static bool
take_verdict (dialogue_t *self)
{
    const dialogue_outcome_t *outcome = self->outcome;
    const char *later = options_text (outcome->last, "later", "");
    const char *refused = options_text (outcome->last, "refused", "");
    self->outcome->incomplete |= options_flag (outcome->last, "incomplete", false);
    if (*refused)
        return over (self, DIALOGUE_REFUSED, refused);
    if (*later)
        return over (self, DIALOGUE_LATER, later);
    return take_emitted (self);
}

// ---- the system

static bool
perform (dialogue_t *self, jv request)
{
    problem_t problem = {.scope = PROBLEM_NONE};
    jv response = jv_null ();
    connector_result_t result = self->connector->perform (
        self->connector, request, self->attachments, self->n_attachments, &response, &problem);
    jv_free (self->response);
    self->response = jv_is_valid (response) ? response : jv_null ();
    switch (result) {
    case CONNECTOR_OK: return false;
    case CONNECTOR_LATER: return over_by_problem (self, DIALOGUE_LATER, &problem);
    case CONNECTOR_REFUSED: return over_by_problem (self, DIALOGUE_REFUSED, &problem);
    default: return over_by_problem (self, DIALOGUE_CRASHED, &problem);
    }
}

// One round; is the dialogue over?
static bool
step (dialogue_t *self, int n, dialogue_watch_fn *watch, void *watch_arg)
{
    if (ask (self, n))
        return true;
    if (watch)
        watch (watch_arg, self->outcome->last);
    if (take_verdict (self))
        return true;
    jv request = options_get (self->outcome->last, "request");
    jv state = options_get (self->outcome->last, "state");
    jv_free (self->state);
    self->state = jv_is_valid (state) ? state : jv_null ();
    bool has_request = jv_get_kind (request) == JV_KIND_OBJECT;
    bool ended = has_request ? perform (self, request) : over (self, DIALOGUE_DONE, "");
    jv_free (request);
    return ended;
}

void
dialogue_run (dialogue_outcome_t *outcome, mapping_t *program, connector_t *connector, jv task,
              jv args, const attachment_t *attachments, size_t n_attachments,
              dialogue_watch_fn *watch, void *watch_arg)
{
    *outcome =
        (dialogue_outcome_t){.last = jv_null (), .said = jv_object (), .emitted = jv_array ()};
    dialogue_t self = {.outcome = outcome,
                       .program = program,
                       .connector = connector,
                       .attachments = attachments,
                       .n_attachments = n_attachments,
                       .task = task,
                       .args = args,
                       .state = jv_null (),
                       .response = jv_null ()};
    bool ended = false;
    for (int n = 0; !ended && n < DIALOGUE_STEPS; n++)
        ended = step (&self, n, watch, watch_arg);
    if (!ended)
        over (&self, DIALOGUE_ENDLESS,
              "the program is not done after 1,000 steps: correct the program");
    jv_free (self.task);
    jv_free (self.args);
    jv_free (self.state);
    jv_free (self.response);
}

void
dialogue_outcome_clear (dialogue_outcome_t *self)
{
    jv_free (self->last);
    jv_free (self->said);
    jv_free (self->emitted);
    *self = (dialogue_outcome_t){.last = jv_null (), .said = jv_null (), .emitted = jv_null ()};
}

const char *
dialogue_outcome_text (const dialogue_outcome_t *self, const char *member)
{
    return options_text (self->said, member, "");
}
