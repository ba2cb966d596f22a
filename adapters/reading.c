/*
 * reading - the records of one reading of a source, through its mapping.
 */
#include "reading.h"

#include "act.h"
#include "content.pb-c.h"
#include "content_json.h"
#include "formats/options.h"
#include "offering.h"

#include <stdio.h>
#include <string.h>

void
reading_init (reading_t *self, gives_t gives, const char *source)
{
    *self = (reading_t){.gives = gives,
                        .source = source,
                        .outputs = jv_array (),
                        .problems = jv_array (),
                        .held = jv_array ()};
}

void
reading_clear (reading_t *self)
{
    jv_free (self->outputs);
    jv_free (self->problems);
    jv_free (self->held);
    *self = (reading_t){.outputs = jv_null (), .problems = jv_null (), .held = jv_null ()};
}

// ---- problems

static jv
problem_json (const problem_t *problem)
{
    jv object = jv_object ();
    if (problem->line)
        object = jv_object_set (object, jv_string ("line"), jv_number ((double) problem->line));
    if (problem->path[0])
        object = jv_object_set (object, jv_string ("path"), jv_string (problem->path));
    object = jv_object_set (object, jv_string ("field"), jv_string (problem->field));
    object = jv_object_set (object, jv_string ("problem"), jv_string (problem->what));
    return jv_object_set (object, jv_string ("do"), jv_string (problem->todo));
}

void
reading_set_aside (reading_t *self, const problem_t *problem)
{
    self->problems = jv_array_append (self->problems, problem_json (problem));
    self->unmappable++;
}

jv
reading_problem_text (const reading_t *self, jv object)
{
    problem_t problem;
    char line[1400];
    problem_set_text (&problem, PROBLEM_RECORD, options_text (object, "field", ""),
                      options_text (object, "problem", ""), options_text (object, "do", ""));
    problem_at (&problem, self->source, options_count (object, "line", 0),
                options_text (object, "path", ""));
    return jv_string (problem_line (&problem, line, sizeof line));
}

// ---- outputs

// Is the output an offering that may stand in the catalogue?
static bool
offering_is_good (jv output, problem_t *problem)
{
    char what[OFFERING_PROBLEM_BYTES];
    Kask__Offering *offering =
        (Kask__Offering *) content_json_to (&kask__offering__descriptor, output, problem);
    if (!offering)
        return false;
    bool good = offering_check (offering, NULL, what, sizeof what) == FAULT_OK;
    if (good && !*offering->key)
        good = (snprintf (what, sizeof what, "key: is missing"), false);
    if (!good) {
        size_t field = strcspn (what, ":");
        char name[OFFERING_PROBLEM_BYTES];
        snprintf (name, sizeof name, "%.*s", (int) field, what);
        problem_set (problem, PROBLEM_RECORD, what[field] ? name : "",
                     "correct the record in the source, or the mapping", "%s",
                     what[field] ? what + field + 1 + strspn (what + field + 1, " ") : what);
    }
    protobuf_c_message_free_unpacked (&offering->base, NULL);
    return good;
}

// Takes `output`.
static void
take_offering (reading_t *self, jv output, size_t line)
{
    problem_t problem;
    if (offering_is_good (output, &problem)) {
        self->outputs = jv_array_append (self->outputs, output);
        return;
    }
    problem_at (&problem, NULL, line, NULL);
    self->problems = jv_array_append (self->problems, problem_json (&problem));
    jv key = jv_get_kind (output) == JV_KIND_OBJECT ? options_get (output, "key") : jv_invalid ();
    if (jv_get_kind (key) == JV_KIND_STRING && *jv_string_value (key))
        self->held = jv_array_append (self->held, key);
    else {
        self->unmappable++;
        jv_free (key);
    }
    jv_free (output);
}

// Takes `output`.
static void
take_event (reading_t *self, jv output, size_t line)
{
    problem_t problem;
    act_t act;
    if (act_read (&act, jv_copy (output), &problem)) {
        act_clear (&act);
        self->outputs = jv_array_append (self->outputs, output);
        return;
    }
    problem_at (&problem, NULL, line, NULL);
    reading_set_aside (self, &problem);
    jv_free (output);
}

// Takes `outputs`.
static void
take_outputs (reading_t *self, jv outputs, size_t line)
{
    int n = jv_array_length (jv_copy (outputs));
    self->passed_over += n == 0;
    for (int i = 0; i < n; i++) {
        jv output = jv_array_get (jv_copy (outputs), i);
        if (self->gives == GIVES_OFFERINGS)
            take_offering (self, output, line);
        else
            take_event (self, output, line);
    }
    jv_free (outputs);
}

bool
reading_map (reading_t *self, mapping_t *mapping, jv record, jv args, size_t line,
             problem_t *problem)
{
    jv outputs;
    self->records++;
    mapping_result_t result = mapping_apply (mapping, record, jv_copy (args), &outputs, problem);
    self->crashes = result == MAPPING_CRASHED ? self->crashes + 1 : 0;
    if (result == MAPPING_OK) {
        take_outputs (self, outputs, line);
        return true;
    }
    jv_free (outputs);
    problem_at (problem, self->source, line, NULL);
    if (result == MAPPING_UNUSABLE || self->crashes >= READING_CRASHES)
        return false;
    reading_set_aside (self, problem);
    return true;
}

jv
reading_import (const reading_t *self, bool complete)
{
    jv import = jv_object_set (jv_object (), jv_string ("complete"), jv_bool (complete));
    import = jv_object_set (import, jv_string ("offerings"), jv_copy (self->outputs));
    import = jv_object_set (import, jv_string ("held"), jv_copy (self->held));
    return jv_object_set (import, jv_string ("unmappable"), jv_number ((double) self->unmappable));
}
