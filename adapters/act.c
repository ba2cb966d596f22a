/*
 * act - what a person did in the partner's system, on its way to the other party.
 *
 * What an event needs is checked here already, though the broker does it
 * too: here there is still a record with a line and a person beside it.
 */
#include "act.h"

#include "content_json.h"
#include "formats/options.h"
#include "limit.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ACT_ID = 255 };

// ---- what each event needs

typedef struct {
    Kask__Event event;
    case_role_t role;     // who may do it
    const char *needs[2]; // members of the JSON
} rule_t;

#define EVENT(name) KASK__EVENT__EVENT_##name

static const rule_t rules[] = {
    {EVENT (SEND), CASE_REFERRER, {"to", "legal_basis"}},
    {EVENT (ASK), CASE_RECEIVER, {NULL, NULL}},
    {EVENT (ANSWER), CASE_REFERRER, {NULL, NULL}},
    {EVENT (ACCEPT), CASE_RECEIVER, {NULL, NULL}},
    {EVENT (DECLINE), CASE_RECEIVER, {"obstacles", NULL}},
    {EVENT (REDIRECT), CASE_RECEIVER, {"redirect_to", NULL}},
    {EVENT (START), CASE_RECEIVER, {NULL, NULL}},
    {EVENT (HOLD), CASE_RECEIVER, {"reason", NULL}},
    {EVENT (RESUME), CASE_RECEIVER, {NULL, NULL}},
    {EVENT (COMPLETE), CASE_RECEIVER, {"outcome", NULL}},
    {EVENT (REOPEN), CASE_RECEIVER, {"reason", NULL}},
    {EVENT (FAIL), CASE_RECEIVER, {"obstacles", NULL}},
    {EVENT (WITHDRAW), CASE_ANY, {NULL, NULL}},
    {EVENT (REVOKE), CASE_ANY, {NULL, NULL}},
    {EVENT (MARK_ERROR), CASE_ANY, {"reason", NULL}},
    {EVENT (NOTE), CASE_ANY, {NULL, NULL}},
    {EVENT (CONTACTED), CASE_RECEIVER, {NULL, NULL}},
};

static const rule_t *
rule_find (Kask__Event event)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].event == event)
            return &rules[i];
    return NULL;
}

// ---- the JSON

static const char *const members[] = {"act",     "case",        "referral",     "event",
                                      "to",      "offering",    "legal_basis",  "obstacles",
                                      "outcome", "reason",      "redirect_to",  "question",
                                      "content", "attachments", "previous_case"};

static bool
refuse (problem_t *problem, const char *field, const char *what)
{
    problem_set (problem, PROBLEM_RECORD, field, "correct the mapping, or the act in the system",
                 "%s", what);
    return false;
}

static bool
is_member (const char *name)
{
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (strcmp (members[i], name) == 0)
            return true;
    return false;
}

static bool
has_only_members (jv json, problem_t *problem)
{
    bool good = true;
    for (int i = jv_object_iter (json); good && jv_object_iter_valid (json, i);
         i = jv_object_iter_next (json, i)) {
        jv name = jv_object_iter_key (json, i);
        good = is_member (jv_string_value (name)) ||
               refuse (problem, jv_string_value (name), "an event has no such member");
        jv_free (name);
    }
    return good;
}

// Is it given: not null, not "", not an empty list?
static bool
is_given (jv json, const char *name)
{
    jv value = options_get (json, name);
    jv_kind kind = jv_get_kind (value);
    bool empty = kind == JV_KIND_INVALID || kind == JV_KIND_NULL ||
                 (kind == JV_KIND_STRING && !*jv_string_value (value)) ||
                 (kind == JV_KIND_ARRAY && jv_array_length (jv_copy (value)) == 0);
    jv_free (value);
    return !empty;
}

static bool
has_needed (jv json, const rule_t *rule, problem_t *problem)
{
    for (int i = 0; i < 2 && rule->needs[i]; i++)
        if (!is_given (json, rule->needs[i]))
            return refuse (problem, rule->needs[i], "is missing: this event needs it");
    if (!is_given (json, "act"))
        return refuse (problem, "act", "is missing: the system's own id of this act");
    if (strlen (options_text (json, "act", "")) > MAX_ACT_ID)
        return refuse (problem, "act", "is longer than 255 bytes");
    if (strlen (options_text (json, "case", "")) >= CASE_ID_BYTES)
        return refuse (problem, "case", "is longer than 255 bytes");
    if (!is_given (json, "case") && (rule->event == EVENT (SEND) || !is_given (json, "referral")))
        return refuse (problem, "case", "is missing: the system's id of the case");
    return true;
}

static jv
copy_member (jv to, jv from, const char *name)
{
    jv value = options_get (from, name);
    if (jv_is_valid (value))
        return jv_object_set (to, jv_string (name), value);
    jv_free (value);
    return to;
}

// The members that stand in the clear header, under their names there.
static jv
header_json (jv json)
{
    static const char *const same[] = {"legal_basis", "obstacles",   "outcome",
                                       "reason",      "redirect_to", "question"};
    static const struct {
        const char *from, *to;
    } other[] = {{"publisher", "offering_publisher"},
                 {"key", "offering_key"},
                 {"revision", "offering_revision"}};
    jv header = jv_object ();
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        header = copy_member (header, json, same[i]);
    jv offering = options_get (json, "offering");
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        jv value = options_get (offering, other[i].from);
        if (jv_is_valid (value))
            header = jv_object_set (header, jv_string (other[i].to), value);
        else
            jv_free (value);
    }
    jv_free (offering);
    return header;
}

static bool
referral_read (act_t *self, problem_t *problem)
{
    const char *hex = options_text (self->json, "referral", "");
    self->has_referral = *hex != '\0';
    if (!*hex)
        return true;
    if (strlen (hex) != 32 || hex[strspn (hex, "0123456789abcdefABCDEF")])
        return refuse (problem, "referral", "must be a referral's id, 32 hexadecimal digits");
    for (size_t i = 0; i < 16; i++) {
        char byte[] = {hex[2 * i], hex[2 * i + 1], '\0'};
        self->subject.referral[i] = (uint8_t) strtoul (byte, NULL, 16);
    }
    return true;
}

static bool
messages_read (act_t *self, problem_t *problem)
{
    jv header = header_json (self->json);
    self->event = (Kask__ReferralEvent *) content_json_to (&kask__referral_event__descriptor,
                                                           header, problem);
    jv_free (header);
    if (!self->event)
        return false;
    jv content = options_get (self->json, "content");
    if (jv_get_kind (content) != JV_KIND_OBJECT) {
        jv_free (content);
        content = jv_object ();
    }
    self->content =
        (Kask__Content *) content_json_to (&kask__content__descriptor, content, problem);
    jv_free (content);
    return self->content != NULL;
}

static const rule_t *
rule_read (jv json, problem_t *problem)
{
    if (jv_get_kind (json) != JV_KIND_OBJECT) {
        refuse (problem, "", "an event must be an object");
        return NULL;
    }
    const char *name = options_text (json, "event", "");
    int event = content_json_enum (&kask__event__descriptor, name);
    const rule_t *rule = event > 0 ? rule_find ((Kask__Event) event) : NULL;
    if (!rule)
        refuse (problem, "event", "is not the name of an event that a partner can do");
    return rule;
}

bool
act_read (act_t *self, jv json, problem_t *problem)
{
    *self = (act_t){.json = json};
    const rule_t *rule = rule_read (json, problem);
    if (!rule || !has_only_members (json, problem) || !has_needed (json, rule, problem) ||
        !referral_read (self, problem) || !messages_read (self, problem)) {
        act_clear (self);
        return false;
    }
    self->event->event = rule->event;
    self->id = options_text (json, "act", "");
    self->case_id = options_text (json, "case", "");
    self->previous_case = options_text (json, "previous_case", "");
    self->to = options_text (json, "to", "");
    return true;
}

void
act_clear (act_t *self)
{
    if (self->event)
        protobuf_c_message_free_unpacked (&self->event->base, NULL);
    if (self->content)
        protobuf_c_message_free_unpacked (&self->content->base, NULL);
    jv_free (self->json);
    *self = (act_t){.json = jv_null ()};
}

// ---- the referral

static void
set_id (ProtobufCBinaryData *data, const uint8_t id[16])
{
    data->data = malloc (16);
    if (!data->data)
        abort ();
    memcpy (data->data, id, 16);
    data->len = 16;
}

// A further leg of the chain that its firm came on.
static act_binding_t
bind_send (act_t *self, sqlite3 *db, problem_t *problem)
{
    case_t previous;
    self->subject.role = CASE_REFERRER;
    snprintf (self->subject.partner, sizeof self->subject.partner, "%s", self->to);
    snprintf (self->subject.id, sizeof self->subject.id, "%s", self->case_id);
    if (!*self->previous_case)
        return ACT_BOUND;
    switch (cases_resolve (db, self->previous_case, CASE_RECEIVER, "", &previous)) {
    case CASE_FOUND:
        set_id (&self->event->chain_id, previous.chain);
        set_id (&self->event->previous_leg, previous.referral);
        memcpy (self->subject.chain, previous.chain, 16);
        return ACT_BOUND;
    case CASE_UNKNOWN: return ACT_WAITS;
    default:
        refuse (problem, "previous_case", "several open referrals came into this case");
        return ACT_REFUSED;
    }
}

static void
take_subject (act_t *self)
{
    set_id (&self->event->referral_id, self->subject.referral);
    if (self->event->event == EVENT (ANSWER) && self->event->question == 0 &&
        self->subject.n_questions)
        self->event->question = self->subject.questions[0];
}

act_binding_t
act_bind (act_t *self, sqlite3 *db, problem_t *problem)
{
    if (self->event->event == EVENT (SEND))
        return bind_send (self, db, problem);
    const rule_t *rule = rule_find (self->event->event);
    assert (rule);
    case_found_t found;
    if (self->has_referral)
        found = cases_find (db, self->subject.referral, &self->subject) ? CASE_FOUND : CASE_UNKNOWN;
    else
        found = cases_resolve (db, self->case_id, rule->role, self->to, &self->subject);
    if (found == CASE_UNKNOWN)
        return ACT_WAITS;
    if (found == CASE_MANY) {
        refuse (problem, "case",
                "several open referrals belong to this case: the mapping must give "
                "\"referral\", or \"to\" with the partner meant");
        return ACT_REFUSED;
    }
    take_subject (self);
    return ACT_BOUND;
}

// ---- attachments

static char *
text_copy (const char *text)
{
    char *copy = strdup (text);
    if (!copy)
        abort ();
    return copy;
}

static connector_result_t
fetch_one (connector_t *connector, jv item, size_t most, Kask__Attachment *attachment,
           problem_t *problem)
{
    jv request = options_get (item, "fetch");
    uint8_t *bytes = NULL;
    size_t size = 0;
    connector_result_t result = CONNECTOR_BAD;
    if (jv_get_kind (request) == JV_KIND_OBJECT)
        result = connector->fetch (connector, request, most, &bytes, &size, problem);
    else
        refuse (problem, "attachments", "each needs \"fetch\", a request");
    jv_free (request);
    if (result != CONNECTOR_OK)
        return result;
    attachment->name = text_copy (options_text (item, "name", ""));
    attachment->media_type =
        text_copy (options_text (item, "media_type", "application/octet-stream"));
    attachment->data = (ProtobufCBinaryData){.data = bytes, .len = size};
    return CONNECTOR_OK;
}

static Kask__Attachment *
attachment_add (Kask__Content *content)
{
    Kask__Attachment *attachment = malloc (sizeof *attachment);
    if (!attachment)
        abort ();
    kask__attachment__init (attachment);
    content->attachments[content->n_attachments++] = attachment;
    return attachment;
}

connector_result_t
act_fetch (act_t *self, connector_t *connector, problem_t *problem)
{
    int n = options_length (self->json, "attachments");
    size_t left = LIMIT_ATTACHMENTS_BYTES;
    connector_result_t result = CONNECTOR_OK;
    if (n == 0)
        return CONNECTOR_OK;
    if (n > LIMIT_ATTACHMENTS) {
        refuse (problem, "attachments", "there are more than 20");
        return CONNECTOR_BAD;
    }
    self->content->attachments = calloc ((size_t) n, sizeof *self->content->attachments);
    if (!self->content->attachments)
        abort ();
    for (int i = 0; result == CONNECTOR_OK && i < n; i++) {
        jv item = options_item (self->json, "attachments", i);
        Kask__Attachment *attachment = attachment_add (self->content);
        result = fetch_one (connector, item, left, attachment, problem);
        left -= attachment->data.len;
        jv_free (item);
    }
    return result;
}

// ---- sending

// The revision that the adviser saw last, by our copy of the catalogue; 0 if it is not there.
static uint32_t
offering_revision (kask_t *kask, const char *publisher, const char *key)
{
    uint32_t revision = 0;
    kask_offering_t *offering = kask_offering_after (kask, 0);
    while (offering) {
        if (strcmp (offering->publisher, publisher) == 0 && strcmp (offering->key, key) == 0)
            revision = offering->revision;
        int64_t change = offering->change;
        kask_offering_free (&offering);
        if (!revision)
            offering = kask_offering_after (kask, change);
    }
    return revision;
}

static bool
note_new_case (act_t *self, kask_t *kask, const Kask__ReferralEvent *sent)
{
    if (sent->referral_id.len != 16 || sent->chain_id.len != 16)
        return false;
    memcpy (self->subject.referral, sent->referral_id.data, 16);
    memcpy (self->subject.chain, sent->chain_id.data, 16);
    return cases_put (kask_store (kask), &self->subject);
}

kask_stored_t
act_send (act_t *self, kask_t *kask, kask_error_t *error)
{
    uint8_t message_id[16];
    // a copy of the struct: libkask may let its ids point into itself, and ours are malloc'd
    Kask__ReferralEvent event = *self->event;
    bool is_send = event.event == EVENT (SEND);
    if (is_send && *event.offering_key && event.offering_revision == 0)
        event.offering_revision =
            offering_revision (kask, event.offering_publisher, event.offering_key);
    const char *recipient = is_send ? self->to : self->subject.partner;
    kask_stored_t stored =
        kask_send (kask, recipient, &event, self->content, self->id, message_id, error);
    if (stored == KASK_STORED && is_send && !note_new_case (self, kask, &event)) {
        snprintf (error->text, sizeof error->text,
                  "case %.100s: its row cannot be written: %s: nothing was sent, it is tried again",
                  self->case_id, sqlite3_errmsg (kask_store (kask)));
        return KASK_FAILED;
    }
    return stored;
}
