/*
 * t_act - what a mapping gives as an act: refused with the member's name, bound, and its
 * attachments.
 */
#include "act.h"
#include "ledger.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

static sqlite3 *db;

#define OPEN "{\"act\":\"A1\",\"case\":\"C1\",\"event\":"

static void
what_is_wrong_is_named (void)
{
    static const struct {
        const char *name, *json, *field;
    } table[] = {
        {"no object", "[]", ""},
        {"no event", "{\"act\":\"A1\",\"case\":\"C1\"}", "event"},
        {"an event that nobody knows", OPEN "\"SHOUT\"}", "event"},
        {"an event that is the broker's", OPEN "\"EXPIRE\"}", "event"},
        {"a member that no event has", OPEN "\"ACCEPT\",\"colour\":1}", "colour"},
        {"a SEND without a recipient", OPEN "\"SEND\",\"legal_basis\":\"CONSENT\"}", "to"},
        {"a SEND to \"\"", OPEN "\"SEND\",\"to\":\"\",\"legal_basis\":\"CONSENT\"}", "to"},
        {"a SEND without a legal basis", OPEN "\"SEND\",\"to\":\"b\"}", "legal_basis"},
        {"a DECLINE without obstacles", OPEN "\"DECLINE\",\"obstacles\":[]}", "obstacles"},
        {"a HOLD whose reason is null", OPEN "\"HOLD\",\"reason\":null}", "reason"},
        {"no id of the act", "{\"case\":\"C1\",\"event\":\"ACCEPT\"}", "act"},
        {"neither case nor referral", "{\"act\":\"A1\",\"event\":\"ACCEPT\"}", "case"},
        {"a referral of 31 digits",
         OPEN "\"ACCEPT\",\"referral\":\"0123456789abcdef0123456789abcde\"}", "referral"},
        {"a referral that is not hex",
         OPEN "\"ACCEPT\",\"referral\":\"0123456789abcdef0123456789abcdeg\"}", "referral"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        act_t act;
        problem_t problem = {.scope = PROBLEM_NONE};
        if (!ok (!act_read (&act, jv_parse (table[i].json), &problem), table[i].name))
            act_clear (&act);
        is_text (problem.field, table[i].field, "  is refused by the member's name");
    }
}

static void
an_id_that_is_too_long_is_refused (void)
{
    static const char *const members[] = {"act", "case"};
    char text[257];
    memset (text, 'x', 256);
    text[256] = '\0';
    for (size_t i = 0; i < 2; i++) {
        act_t act;
        problem_t problem = {.scope = PROBLEM_NONE};
        jv json =
            jv_object_set (jv_parse (OPEN "\"ACCEPT\"}"), jv_string (members[i]), jv_string (text));
        if (!ok (!act_read (&act, json, &problem), "256 bytes are too many"))
            act_clear (&act);
        is_text (problem.field, members[i], "  in this member");
    }
}

static act_t
act_of (const char *json)
{
    act_t act;
    problem_t problem = {.scope = PROBLEM_NONE};
    if (!act_read (&act, jv_parse (json), &problem)) {
        printf ("Bail out! %s: %s: %s\n", json, problem.field, problem.what);
        exit (1);
    }
    return act;
}

static void
put_case (uint8_t id, case_role_t role, const char *partner, const char *case_id)
{
    case_t one = {.role = role,
                  .state = KASK__STATE__STATE_RECEIVED,
                  .referral = {id},
                  .chain = {(uint8_t) (id + 100)},
                  .questions = {7},
                  .n_questions = 1};
    snprintf (one.partner, sizeof one.partner, "%s", partner);
    snprintf (one.id, sizeof one.id, "%s", case_id);
    if (!cases_put (db, &one))
        exit (1);
}

static void
an_act_is_bound_by_its_case (void)
{
    static const struct {
        const char *name, *json;
        act_binding_t binding;
        int referral;
    } table[] = {
        {"one that nobody sent waits", "{\"act\":\"1\",\"case\":\"C9\",\"event\":\"ACCEPT\"}",
         ACT_WAITS, 0},
        {"the one referral of its case", "{\"act\":\"1\",\"case\":\"C1\",\"event\":\"ACCEPT\"}",
         ACT_BOUND, 1},
        {"several of one case", "{\"act\":\"1\",\"case\":\"C2\",\"event\":\"ACCEPT\"}", ACT_REFUSED,
         0},
        {"told apart by the partner",
         "{\"act\":\"1\",\"case\":\"C2\",\"event\":\"ACCEPT\",\"to\":\"c\"}", ACT_BOUND, 3},
        {"or by the referral itself",
         "{\"act\":\"1\",\"event\":\"ACCEPT\",\"referral\":\"02000000000000000000000000000000\"}",
         ACT_BOUND, 2},
        {"one whose referral is unknown waits",
         "{\"act\":\"1\",\"event\":\"ACCEPT\",\"referral\":\"99000000000000000000000000000000\"}",
         ACT_WAITS, 0},
        {"an ANSWER", "{\"act\":\"1\",\"case\":\"C3\",\"event\":\"ANSWER\"}", ACT_BOUND, 4},
    };
    put_case (1, CASE_RECEIVER, "a", "C1");
    put_case (2, CASE_RECEIVER, "b", "C2");
    put_case (3, CASE_RECEIVER, "c", "C2");
    put_case (4, CASE_REFERRER, "d", "C3");
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        act_t act = act_of (table[i].json);
        problem_t problem;
        is_int (act_bind (&act, db, &problem), (int) table[i].binding, table[i].name);
        int found = act.event->referral_id.len ? act.event->referral_id.data[0] : 0;
        is_int (found, table[i].referral, "  and which referral it is");
        if (act.event->event == KASK__EVENT__EVENT_ANSWER)
            is_int (act.event->question, 7, "  answers the oldest open question");
        act_clear (&act);
    }
}

static void
a_further_leg_is_chained (void)
{
    static const struct {
        const char *name, *previous;
        act_binding_t binding;
        int leg;
    } table[] = {
        {"a firm that came by itself", "", ACT_BOUND, 0},
        {"one that was referred to us", "C1", ACT_BOUND, 1},
        {"one whose referral is not here yet", "C9", ACT_WAITS, 0},
        {"one that came on several", "C2", ACT_REFUSED, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        jv json = jv_parse (OPEN "\"SEND\",\"to\":\"e\",\"legal_basis\":\"CONSENT\"}");
        json = jv_object_set (json, jv_string ("previous_case"), jv_string (table[i].previous));
        act_t act;
        problem_t problem;
        if (!ok (act_read (&act, json, &problem), table[i].name))
            continue;
        is_int (act_bind (&act, db, &problem), (int) table[i].binding, "  is bound so");
        int leg = act.event->previous_leg.len ? act.event->previous_leg.data[0] : 0;
        is_int (leg, table[i].leg, "  with the leg before it");
        is_int (act.subject.chain[0], table[i].leg ? table[i].leg + 100 : 0, "  on its chain");
        act_clear (&act);
    }
}

// ---- attachments

static connector_result_t fetched;

static connector_result_t
fetch (connector_t *self, jv request, size_t most, uint8_t **bytes_p, size_t *size_p,
       problem_t *problem)
{
    (void) self, (void) request, (void) most;
    if (fetched != CONNECTOR_OK) {
        problem_set (problem, PROBLEM_RECORD, "", "", "no such file");
        return fetched;
    }
    *bytes_p = (uint8_t *) strdup ("text");
    *size_p = 4;
    return CONNECTOR_OK;
}

static void
attachments_are_fetched (void)
{
    static const struct {
        const char *name, *attachments;
        connector_result_t fetched, want;
        size_t n;
    } table[] = {
        {"no attachment", "[]", CONNECTOR_OK, CONNECTOR_OK, 0},
        {"two", "[{\"name\":\"a\",\"fetch\":{}},{\"name\":\"b\",\"fetch\":{}}]", CONNECTOR_OK,
         CONNECTOR_OK, 2},
        {"one that is not there yet", "[{\"name\":\"a\",\"fetch\":{}}]", CONNECTOR_LATER,
         CONNECTOR_LATER, 1},
        {"one that is refused ends it", "[{\"name\":\"a\",\"fetch\":{}},{\"name\":\"b\"}]",
         CONNECTOR_REFUSED, CONNECTOR_REFUSED, 1},
        {"one without a request", "[{\"name\":\"a\"}]", CONNECTOR_OK, CONNECTOR_BAD, 1},
    };
    connector_t connector = {.fetch = fetch};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        jv json = jv_object_set (jv_parse (OPEN "\"NOTE\"}"), jv_string ("attachments"),
                                 jv_parse (table[i].attachments));
        act_t act;
        problem_t problem;
        fetched = table[i].fetched;
        if (!ok (act_read (&act, json, &problem), table[i].name))
            continue;
        is_int (act_fetch (&act, &connector, &problem), (int) table[i].want, "  ends so");
        is_int ((int64_t) act.content->n_attachments, (int64_t) table[i].n, "  after so many");
        act_clear (&act);
    }
}

static void
attachments_are_counted (void)
{
    jv list = jv_array ();
    for (int i = 0; i < 21; i++)
        list = jv_array_append (list, jv_parse ("{\"fetch\":{}}"));
    jv json = jv_object_set (jv_parse (OPEN "\"NOTE\"}"), jv_string ("attachments"), list);
    connector_t connector = {.fetch = fetch};
    act_t act;
    problem_t problem;
    if (!ok (act_read (&act, json, &problem), "twenty-one attachments"))
        return;
    is_int (act_fetch (&act, &connector, &problem), CONNECTOR_BAD, "  are too many");
    is_text (problem.field, "attachments", "  and named");
    act_clear (&act);
}

int
main (void)
{
    problem_t problem;
    if (sqlite3_open (":memory:", &db) != SQLITE_OK || !ledger_prepare (db, &problem))
        return 1;
    what_is_wrong_is_named ();
    an_id_that_is_too_long_is_refused ();
    an_act_is_bound_by_its_case ();
    a_further_leg_is_chained ();
    attachments_are_fetched ();
    attachments_are_counted ();
    sqlite3_close (db);
    return tap_end ();
}
