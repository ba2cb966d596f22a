/*
 * task - what a dialogue that writes into the partner's system is told.
 */
#include "task.h"

#include "content_json.h"
#include "desk_setup.h"

#include <stdio.h>
#include <string.h>

const Kask__ReferralEvent *
task_referral (const Kask__Header *header)
{
    return header && header->subject_case == KASK__HEADER__SUBJECT_REFERRAL ? header->referral
                                                                            : NULL;
}

static jv
set (jv object, const char *name, jv value)
{
    return jv_object_set (object, jv_string (name), value);
}

static jv
text (const char *value)
{
    return jv_string (value ? value : "");
}

static jv
hex (const uint8_t *bytes, size_t size)
{
    char digits[2 * 32 + 1] = "";
    for (size_t i = 0; i < size && i < 32; i++)
        snprintf (digits + 2 * i, 3, "%02x", bytes[i]);
    return jv_string (digits);
}

static jv
time_or_null (int64_t at_ms)
{
    char at[DESK_TIME_BYTES];
    return at_ms > 0 ? jv_string (desk_time (at_ms, at)) : jv_null ();
}

// The partner's name for people; its id where none is known.
static jv
partner_name (kask_t *kask, const char *id)
{
    kask_partner_t partner;
    for (size_t i = 0; kask_partner_at (kask, i, &partner); i++)
        if (strcmp (partner.partner, id) == 0 && partner.name && *partner.name)
            return jv_string (partner.name);
    return jv_string (id);
}

// ---- the referral

static jv
questions (const case_t *subject)
{
    jv list = jv_array ();
    for (size_t i = 0; i < subject->n_questions; i++)
        list = jv_array_append (list, jv_number (subject->questions[i]));
    return list;
}

static jv
set_subject (jv task, const case_t *subject)
{
    task = set (task, "referral", hex (subject->referral, 16));
    task = set (task, "reference", text (subject->reference));
    task = set (task, "role", text (case_role_name (subject->role)));
    task = set (task, "case", *subject->id ? text (subject->id) : jv_null ());
    task = set (task, "state",
                text (content_json_enum_name (&kask__state__descriptor, (int) subject->state)));
    task = set (task, "version", jv_number (subject->version));
    task = set (task, "open_questions", questions (subject));
    return set (task, "due_at", time_or_null (subject->due_at_ms));
}

static jv
set_header (jv task, const Kask__Header *header, const Kask__Standing *standing)
{
    const Kask__ReferralEvent *event = task_referral (header);
    uint32_t question = standing && standing->question ? standing->question
                        : event                        ? event->question
                                                       : 0;
    task = set (
        task, "event",
        text (event ? content_json_enum_name (&kask__event__descriptor, (int) event->event) : ""));
    task = set (task, "question", question ? jv_number (question) : jv_null ());
    task = set (task, "answer_by", time_or_null (standing ? standing->answer_by_ms : 0));
    return set (task, "header", event ? content_json_from (&event->base) : jv_object ());
}

static jv
attachments (const Kask__Content *content)
{
    jv list = jv_array ();
    for (size_t i = 0; content && i < content->n_attachments; i++) {
        char bytes[24];
        snprintf (bytes, sizeof bytes, "%zu", content->attachments[i]->data.len);
        jv item = set (jv_object (), "name", text (content->attachments[i]->name));
        item = set (item, "media_type", text (content->attachments[i]->media_type));
        list = jv_array_append (list, set (item, "bytes", jv_string (bytes)));
    }
    return list;
}

static jv
from_message (kask_t *kask, jv task, const kask_message_t *message)
{
    task = set (task, "kind", jv_string ("event"));
    task = set (task, "id", text (message->id));
    task = set (task, "from", text (message->sender));
    task = set (task, "from_name", partner_name (kask, message->sender));
    task = set (task, "to", text (kask_partner (kask)));
    task = set (task, "at", time_or_null (message->accepted_at_ms));
    task = set (task, "by_broker", jv_bool (message->by_broker));
    return set (task, "perhaps_repeated", jv_bool (message->perhaps_repeated));
}

jv
task_event (kask_t *kask, const kask_message_t *message, const case_t *subject)
{
    jv task = from_message (kask, jv_object (), message);
    task = set_header (task, message->header, message->standing);
    task = set_subject (task, subject);
    task = set (task, "content",
                message->content ? content_json_from (&message->content->base) : jv_object ());
    return set (task, "attachments", attachments (message->content));
}

jv
task_answer (kask_t *kask, const kask_answer_t *answer, const case_t *subject)
{
    char id[64] = "answer/";
    for (size_t i = 0; i < 16; i++)
        snprintf (id + 7 + 2 * i, 3, "%02x", answer->message_id[i]);
    jv task = set (jv_object (), "kind", jv_string ("answer"));
    task = set (task, "id", jv_string (id));
    task = set (task, "from", text (kask_partner (kask)));
    task = set (task, "from_name", partner_name (kask, kask_partner (kask)));
    task = set (task, "to", text (answer->recipient));
    task = set_header (task, answer->header, answer->standing);
    task = set_subject (task, subject);
    task = set (task, "accepted", jv_bool (answer->accepted));
    task = set (task, "fault", text (answer->fault));
    task = set (task, "text", text (answer->text));
    task = set (task, "act", text (answer->act));
    task = set (task, "by_broker", jv_false ());
    return set (task, "perhaps_repeated", jv_false ());
}

jv
task_offering (kask_t *kask, const kask_offering_t *offering)
{
    jv item = set (jv_object (), "publisher", text (offering->publisher));
    item = set (item, "publisher_name", partner_name (kask, offering->publisher));
    item = set (item, "key", text (offering->key));
    item = set (item, "revision", jv_number (offering->revision));
    item = set (item, "withdrawn", jv_bool (offering->withdrawn));
    item = set (item, "verified", jv_bool (offering->verified));
    return set (item, "offering",
                offering->offering ? content_json_from (&offering->offering->base) : jv_null ());
}
