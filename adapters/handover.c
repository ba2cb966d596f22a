/*
 * handover - what came for this partner, into its system.
 *
 * Answers have no queue in libkask that could put one off, so a system that is
 * down holds back the first answer and all behind it, which is as well: the
 * messages that follow from them come behind, too.  Attempts on
 * an answer are counted here.
 */
#include "handover.h"

#include "cases.h"
#include "content_json.h"
#include "dialogue.h"
#include "formats/options.h"
#include "ledger.h"
#include "log.h"
#include "note.h"
#include "task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENT(name) KASK__EVENT__EVENT_##name

enum { ALARM_EVERY_MS = 300 * 1000, PAUSE_MS = 1000 };

struct handover_s {
    const desk_setup_t *setup;
    program_t program;       // [write] event
    kask_answer_t *answer;   // that could not be noted yet; libkask's handle frees it at last
    kask_message_t *message; // that could not be given back yet
    int64_t answers_due_ms;  // not before, monotonic; 0: at once
    int64_t messages_due_ms;
    int64_t answer_no;       // the one that was tried last
    int64_t answer_attempts; // how often it crashed
    int64_t alarm_ms;        // when it was last said that there is no program
};

handover_t *
handover_new (const desk_setup_t *setup)
{
    handover_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->setup = setup;
    self->program.path = settings_text (setup->settings, "write", "event");
    return self;
}

void
handover_destroy (handover_t **self_p)
{
    handover_t *self = *self_p;
    if (!self)
        return;
    program_end (&self->program);
    free (self);
    *self_p = NULL;
}

// ---- the case

// Is the other party the receiver of the referral, by an event that only the receiver does?
static bool
is_receivers_event (Kask__Event event)
{
    switch (event) {
    case EVENT (RECEIPT):
    case EVENT (ASK):
    case EVENT (ACCEPT):
    case EVENT (DECLINE):
    case EVENT (REDIRECT):
    case EVENT (START):
    case EVENT (HOLD):
    case EVENT (RESUME):
    case EVENT (COMPLETE):
    case EVENT (REOPEN):
    case EVENT (FAIL):
    case EVENT (CONTACTED): return true;
    default: return false;
    }
}

static void
copy_id (uint8_t to[16], const ProtobufCBinaryData *from)
{
    memset (to, 0, 16);
    if (from->len == 16)
        memcpy (to, from->data, 16);
}

// The case of a referral, from the store or from the first that is heard of it.
static void
case_require (const desk_setup_t *setup, const Kask__ReferralEvent *event, const char *other,
              bool is_ours, case_t *subject)
{
    uint8_t id[16];
    copy_id (id, &event->referral_id);
    if (cases_find (setup->db, id, subject))
        return;
    memset (subject, 0, sizeof *subject);
    memcpy (subject->referral, id, 16);
    copy_id (subject->chain, event->chain_id.len == 16 ? &event->chain_id : &event->referral_id);
    snprintf (subject->partner, sizeof subject->partner, "%s", other);
    subject->role = is_ours != is_receivers_event (event->event) ? CASE_REFERRER : CASE_RECEIVER;
}

static void
take_case_id (case_t *subject, const dialogue_outcome_t *outcome)
{
    const char *id = dialogue_outcome_text (outcome, "case");
    const char *key = dialogue_outcome_text (outcome, "case_key");
    if (*id)
        snprintf (subject->id, sizeof subject->id, "%s", id);
    if (*key)
        snprintf (subject->key, sizeof subject->key, "%s", key);
}

// ---- the dialogue

// Without a program nothing is taken: a referral must not disappear unseen.
static mapping_t *
program_of (handover_t *self, problem_t *problem)
{
    char line[1400];
    bool is_named = *self->program.path != '\0';
    mapping_t *mapping = is_named ? program_require (&self->program, self->setup, problem) : NULL;
    if (!is_named)
        problem_set (problem, PROBLEM_SETUP, "event", "name a dialogue in [write] event",
                     "something came for the system, and no program brings it there: it waits");
    if (!mapping && desk_ticks_ms () >= self->alarm_ms) {
        self->alarm_ms = desk_ticks_ms () + ALARM_EVERY_MS;
        log_error ("handover: %s", problem_line (problem, line, sizeof line));
    }
    return mapping;
}

// Takes `task`.
static void
converse (handover_t *self, mapping_t *program, jv task, const attachment_t *attachments, size_t n,
          dialogue_outcome_t *outcome)
{
    dialogue_run (outcome, program, self->setup->connector, task, desk_args (self->setup, ""),
                  attachments, n, NULL, NULL);
}

static int64_t
soon (const handover_t *self)
{
    return desk_ticks_ms () + self->setup->retry_ms;
}

static void
log_outcome (const char *what, const char *id, const case_t *subject,
             const dialogue_outcome_t *outcome)
{
    static const char *const results[] = {"handed over", "put off", "refused by the system",
                                          "the dialogue failed", "the dialogue is endless"};
    if (outcome->result == DIALOGUE_DONE)
        log_info ("%s: %s id=%s reference=%s case=%s", what, results[outcome->result], id,
                  subject->reference, subject->id);
    else
        log_warning ("%s: %s id=%s reference=%s case=%s problem=%s", what, results[outcome->result],
                     id, subject->reference, subject->id, outcome->text);
}

// Where consent is gone, what the connector keeps of the case goes, too; until it has, all of it
// again.
static void
forget (const handover_t *self, const case_t *subject, dialogue_outcome_t *outcome)
{
    connector_t *connector = self->setup->connector;
    problem_t problem;
    char line[DIALOGUE_TEXT];
    if (outcome->result != DIALOGUE_DONE || !connector->forget || !*subject->id ||
        connector->forget (connector, subject->id, &problem))
        return;
    outcome->result = DIALOGUE_LATER;
    snprintf (outcome->text, sizeof outcome->text, "%s",
              problem_line (&problem, line, sizeof line));
}

// ---- answers

static bool
settle (handover_t *self, bool good, const char *what)
{
    kask_error_t error = {""};
    if (good && kask_commit (self->setup->kask, &error))
        return true;
    if (good)
        kask_rollback (self->setup->kask);
    log_error ("%s: not stored problem=%s; the same again by itself", what,
               *error.text ? error.text : sqlite3_errmsg (self->setup->db));
    return false;
}

// The offering that the answer is about, by its key; "" for an act.
static const char *
offering_key (const kask_answer_t *answer)
{
    const Kask__Header *header = answer->header;
    bool is_offering = header && header->subject_case == KASK__HEADER__SUBJECT_OFFERING;
    return is_offering ? header->offering->key : "";
}

static bool
forget_outgoing (const desk_setup_t *setup, const kask_answer_t *answer)
{
    char subject[300];
    bool is_act = *answer->act != '\0';
    snprintf (subject, sizeof subject, "%s %.255s", is_act ? "act" : "offering",
              is_act ? answer->act : offering_key (answer));
    return ledger_run (setup->db, "DELETE FROM desk_outgoing WHERE subject = ?", "t", subject);
}

// The case as it is after the answer; a referral that the broker refused never was.
static bool
write_answered_case (const desk_setup_t *setup, const kask_answer_t *answer, const case_t *subject)
{
    const Kask__ReferralEvent *event = task_referral (answer->header);
    if (!event)
        return true;
    if (event->event == EVENT (SEND) && !answer->accepted)
        return cases_remove (setup->db, subject->referral);
    return cases_put (setup->db, subject);
}

static bool
note_refused (const desk_setup_t *setup, const kask_answer_t *answer, const char *why)
{
    char text[1000];
    bool is_act = *answer->act != '\0';
    if (answer->accepted && !*why)
        return true;
    if (answer->accepted)
        snprintf (text, sizeof text, "act %.250s: accepted, but the system was not told: %.300s",
                  answer->act, why);
    else
        snprintf (text, sizeof text, "%s %.250s: the broker refused it: %.40s: %.300s%s%.300s",
                  is_act ? "act" : "offering", is_act ? answer->act : offering_key (answer),
                  answer->fault, answer->text, *why ? "; the system was not told: " : "", why);
    return note_put (setup->db, is_act ? "answers" : "catalogue", text, desk_now_ms ());
}

// Notes the answer, whatever came of it in the system.
static bool
finish_answer (handover_t *self, kask_answer_t **answer_p, const case_t *subject, const char *why)
{
    const desk_setup_t *setup = self->setup;
    kask_error_t error = {""};
    if (!kask_begin (setup->kask, &error))
        return settle (self, false, "answer");
    bool good = write_answered_case (setup, *answer_p, subject) &&
                forget_outgoing (setup, *answer_p) && note_refused (setup, *answer_p, why) &&
                kask_answer_noted (setup->kask, answer_p, &error);
    if (!good)
        kask_rollback (setup->kask);
    return settle (self, good, "answer");
}

// After N failures it is noted all the same: an answer is never sent back.
static bool
gives_up (handover_t *self, const kask_answer_t *answer)
{
    self->answer_attempts = self->answer_no == answer->no ? self->answer_attempts + 1 : 1;
    self->answer_no = answer->no;
    return self->answer_attempts >= settings_number (self->setup->settings, "", "attempts");
}

// True: it is noted.
static bool
answer_by_dialogue (handover_t *self, mapping_t *program, kask_answer_t **answer_p)
{
    kask_answer_t *answer = *answer_p;
    dialogue_outcome_t outcome;
    case_t subject;
    case_require (self->setup, task_referral (answer->header), answer->recipient, true, &subject);
    case_stand (&subject, answer->standing);
    converse (self, program, task_answer (self->setup->kask, answer, &subject), NULL, 0, &outcome);
    take_case_id (&subject, &outcome);
    if (answer->accepted && task_referral (answer->header)->event == EVENT (REVOKE))
        forget (self, &subject, &outcome);
    log_outcome ("answer", answer->act, &subject, &outcome);
    bool over = outcome.result == DIALOGUE_DONE || outcome.result == DIALOGUE_REFUSED ||
                (outcome.result != DIALOGUE_LATER && gives_up (self, answer));
    bool noted = over && finish_answer (self, answer_p, &subject, outcome.text);
    dialogue_outcome_clear (&outcome);
    return noted;
}

// An answer to an offering concerns no case of the system.
static bool
answer_to_offering (handover_t *self, kask_answer_t **answer_p)
{
    const kask_answer_t *answer = *answer_p;
    case_t none = {.role = CASE_ANY};
    if (!answer->accepted)
        log_warning (
            "offering: refused by the broker key=%s fault=%s problem=%s; correct the record",
            offering_key (answer), answer->fault, answer->text);
    return finish_answer (self, answer_p, &none, "");
}

static bool
answer_step (handover_t *self)
{
    problem_t problem;
    if (desk_ticks_ms () < self->answers_due_ms)
        return false;
    if (!self->answer)
        self->answer = kask_next_answer (self->setup->kask);
    if (!self->answer)
        return false;
    mapping_t *program = NULL;
    bool noted = false;
    if (!task_referral (self->answer->header))
        noted = answer_to_offering (self, &self->answer);
    else if ((program = program_of (self, &problem)))
        noted = answer_by_dialogue (self, program, &self->answer);
    self->answers_due_ms = noted ? 0 : soon (self);
    return noted;
}

// ---- messages

static attachment_t *
borrow_attachments (const Kask__Content *content, size_t *n_p)
{
    *n_p = content ? content->n_attachments : 0;
    attachment_t *list = calloc (*n_p + 1, sizeof *list);
    if (!list)
        abort ();
    for (size_t i = 0; i < *n_p; i++) {
        const Kask__Attachment *from = content->attachments[i];
        list[i] = (attachment_t){.name = from->name,
                                 .media_type = from->media_type,
                                 .bytes = from->data.data,
                                 .size = from->data.len};
    }
    return list;
}

// Acts that wait in the store hold a client's data, too.
static bool
erase (const desk_setup_t *setup, const case_t *subject)
{
    return !*subject->id ||
           ledger_run (setup->db, "DELETE FROM desk_act WHERE case_id = ?", "t", subject->id);
}

static bool
finish_done (handover_t *self, kask_message_t **message_p, const case_t *subject)
{
    const desk_setup_t *setup = self->setup;
    kask_error_t error = {""};
    const Kask__ReferralEvent *event = task_referral ((*message_p)->header);
    if (!kask_begin (setup->kask, &error))
        return settle (self, false, "message");
    bool good = cases_put (setup->db, subject) &&
                (!event || event->event != EVENT (REVOKE) || erase (setup, subject)) &&
                kask_done (setup->kask, message_p, &error);
    if (!good)
        kask_rollback (setup->kask);
    return settle (self, good, "message");
}

// Says to libkask what came of it.  False: that could not be stored.
static bool
finish_message (handover_t *self, kask_message_t **message_p, const case_t *subject,
                const dialogue_outcome_t *outcome)
{
    kask_error_t error = {""};
    kask_t *kask = self->setup->kask;
    bool good = true;
    switch (outcome->result) {
    case DIALOGUE_DONE: return finish_done (self, message_p, subject);
    case DIALOGUE_LATER: good = kask_later (kask, message_p, self->setup->retry_ms, &error); break;
    case DIALOGUE_REFUSED: good = kask_refused (kask, message_p, outcome->text, &error); break;
    default:
        good = kask_crashed (kask, message_p, KASK__DEAD_REASON__MAPPING_FAILED, outcome->text,
                             &error);
    }
    if (!good)
        log_error ("message: not stored problem=%s; the same again by itself", error.text);
    return good;
}

static bool
message_by_dialogue (handover_t *self, mapping_t *program, kask_message_t **message_p)
{
    kask_message_t *message = *message_p;
    const Kask__ReferralEvent *event = task_referral (message->header);
    dialogue_outcome_t outcome;
    case_t subject;
    size_t n;
    case_require (self->setup, event, message->sender, false, &subject);
    case_stand (&subject, message->standing);
    attachment_t *attachments = borrow_attachments (message->content, &n);
    converse (self, program, task_event (self->setup->kask, message, &subject), attachments, n,
              &outcome);
    free (attachments);
    take_case_id (&subject, &outcome);
    if (event->event == EVENT (REVOKE))
        forget (self, &subject, &outcome);
    log_outcome ("message", message->id, &subject, &outcome);
    bool good = finish_message (self, message_p, &subject, &outcome);
    // the rest would most likely find the system down, too
    if (outcome.result == DIALOGUE_LATER)
        self->messages_due_ms = desk_ticks_ms () + PAUSE_MS;
    dialogue_outcome_clear (&outcome);
    return good;
}

static bool
is_known_event (const Kask__ReferralEvent *event)
{
    return event && *content_json_enum_name (&kask__event__descriptor, (int) event->event) &&
           event->event != EVENT (NONE);
}

static bool
message_unknown (handover_t *self, kask_message_t **message_p)
{
    kask_error_t error = {""};
    if (kask_crashed (self->setup->kask, message_p, KASK__DEAD_REASON__MAPPING_FAILED,
                      "an event that this version does not know: update kask-adapter", &error))
        return true;
    log_error ("message: not stored problem=%s; the same again by itself", error.text);
    return false;
}

static bool
message_step (handover_t *self)
{
    problem_t problem;
    if (desk_ticks_ms () < self->messages_due_ms)
        return false;
    if (!self->message)
        self->message = kask_next (self->setup->kask);
    if (!self->message)
        return false;
    mapping_t *program = NULL;
    bool good = false;
    if (!is_known_event (task_referral (self->message->header)))
        good = message_unknown (self, &self->message);
    else if ((program = program_of (self, &problem)))
        good = message_by_dialogue (self, program, &self->message);
    if (!good)
        self->messages_due_ms = soon (self);
    if (good)
        self->setup->wake (self->setup->wake_arg);
    return good;
}

bool
handover_step (handover_t *self)
{
    return answer_step (self) || message_step (self);
}

int64_t
handover_due_ms (const handover_t *self)
{
    int64_t now = desk_ticks_ms ();
    int64_t due = INT64_MAX;
    if (self->answers_due_ms > now)
        due = self->answers_due_ms;
    if (self->messages_due_ms > now && self->messages_due_ms < due)
        due = self->messages_due_ms;
    return due;
}
