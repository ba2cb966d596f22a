/*
 * clerk - carries out the operator's commands: what is read from the database, and
 * the acts that go to intake.
 *
 * Reading commands are queries of commands.def and nothing else.  Acts wait in
 * a line; the first is under way.  A dead letter is looked up when the turn of its act
 * has come, so nothing can change it before it is decided.
 */
#include "clerk.h"
#include "calendar.h"
#include "database.h"
#include "log.h"

#include <stdlib.h>
#include <string.h>

typedef struct job_s {
    struct job_s *next;
    clerk_t *clerk;
    uint64_t id;
    unsigned uid;
    char **args;
    int n_args;
    char *input;
    command_line_t line; // borrows from args
    control_reply_t *reply;
    bool begun; // a run or an act is under way
    bool ready; // the reply is complete
} job_t;

struct clerk_s {
    zloop_t *loop;
    int timer; // of the next look at the jobs; -1: none is set
    clerk_answer_fn *answer;
    void *answer_arg;
    control_options_t options; // only its functions and their argument
    char *broker_text;
    database_t *database;
    job_t *jobs; // in the order they came
};

struct control_facts_s {
    control_reply_t *reply;
};

static const statement_t no_statements[] = {{NULL, NULL}};

// ---------------------------------------------------------------- jobs

static job_t *
job_new (clerk_t *clerk, uint64_t id, unsigned uid, int n, char *const *args, const char *input)
{
    job_t *self = calloc (1, sizeof *self);
    if (!self || !(self->args = calloc ((size_t) n + 1, sizeof *self->args)))
        abort ();
    self->clerk = clerk;
    self->id = id;
    self->uid = uid;
    self->n_args = n;
    for (int i = 0; i < n; i++)
        if (!(self->args[i] = strdup (args[i])))
            abort ();
    if (!(self->input = strdup (input)))
        abort ();
    self->reply = control_reply_new ();
    return self;
}

static void
job_destroy (job_t **self_p)
{
    job_t *self = *self_p;
    for (int i = 0; i < self->n_args; i++)
        free (self->args[i]);
    free (self->args);
    free (self->input);
    control_reply_destroy (&self->reply);
    free (self);
    *self_p = NULL;
}

static int on_timer (zloop_t *loop, int timer, void *arg);

// The jobs are looked at from the loop, so nobody who calls in here is called back.
static void
look_soon (clerk_t *self)
{
    if (self->timer < 0)
        self->timer = zloop_timer (self->loop, 1, 1, on_timer, self);
}

static void
job_ready (job_t *self)
{
    self->ready = true;
    look_soon (self->clerk);
}

static void
job_end (job_t *self, command_exit_t code, const char *note)
{
    control_reply_say (self->reply, code, note);
    job_ready (self);
}

static const char *
job_value (const job_t *self, const char *name)
{
    int place = command_argument (self->line.command, name);
    return place < 0 ? NULL : self->line.values[place];
}

static bool
job_is_act (const job_t *self)
{
    switch (self->line.command->id) {
    case COMMAND_PARTNER_ADD:
    case COMMAND_PARTNER_REVOKE:
    case COMMAND_AGREEMENT_ALLOW:
    case COMMAND_AGREEMENT_REVOKE:
    case COMMAND_DEAD_REPLAY:
    case COMMAND_DEAD_RETURN:
    case COMMAND_DEAD_DROP:
    case COMMAND_MAILBOX_AGAIN:
    case COMMAND_MAILBOX_PAUSE:
    case COMMAND_MAILBOX_RESUME:
    case COMMAND_CLOSING_ADD:
    case COMMAND_CLOSING_REMOVE: return true;
    case COMMAND_RECOVER: return job_value (self, "--go") != NULL;
    default: return false;
    }
}

// ---------------------------------------------------------------- reading

// Ends the job unless all its queries were answered.
static bool
rows_are_there (job_t *self, run_outcome_t outcome, const char *problem)
{
    if (outcome == RUN_OK)
        return true;
    char note[CONTROL_PROBLEM_BYTES];
    if (outcome == RUN_REFUSED)
        snprintf (note, sizeof note, "%s: the database does not take a value: %s",
                  self->line.command->words, problem);
    else
        snprintf (note, sizeof note,
                  "%s: the database does not answer, or took too long; nothing was done; try "
                  "again; kask status says whether it is there (%s)",
                  self->line.command->words, problem);
    job_end (self, outcome == RUN_REFUSED ? EXIT_USAGE : EXIT_UNKNOWN, note);
    return false;
}

static void
on_rows (void *arg, run_outcome_t outcome, PGresult *const *results, int n, const char *problem)
{
    job_t *self = arg;
    if (!rows_are_there (self, outcome, problem))
        return;
    const command_t *command = self->line.command;
    if (command->queries[0].record && PQntuples (results[0]) == 0) {
        job_end (self, EXIT_NO, command->missing);
        return;
    }
    for (int i = 0; i < n; i++)
        control_reply_rows (self->reply, command->queries[i].name, command->queries[i].record,
                            results[i]);
    job_ready (self);
}

// Asks all queries of the command.  A query is given as many of the arguments as it names.
static void
job_ask (job_t *self, run_fn *fn)
{
    const command_line_t *line = &self->line;
    run_t *run = run_new (fn, self);
    for (size_t i = 0; i < line->command->n_queries; i++)
        run_sql (run, line->command->queries[i].sql, (int) line->n_values, line->values);
    database_put (self->clerk->database, &run, -1);
}

static void
job_status (job_t *self)
{
    const clerk_t *clerk = self->clerk;
    control_facts_t facts = {.reply = self->reply};
    bool takes_messages = clerk->options.facts (clerk->options.arg, &facts);
    if (takes_messages && database_is_up (clerk->database))
        job_ask (self, on_rows);
    else
        job_end (self, EXIT_UNKNOWN,
                 "this broker takes no messages now: it waits for the database, or another one is "
                 "active (see state); it goes on by itself");
}

static void
job_recovery (job_t *self)
{
    const clerk_t *clerk = self->clerk;
    control_facts_t facts = {.reply = self->reply};
    clerk->options.recovery (clerk->options.arg, &facts);
    job_ready (self);
}

void
control_fact (control_facts_t *self, const char *name, const char *value)
{
    control_reply_fact (self->reply, "broker", name, value);
}

void
control_fact_number (control_facts_t *self, const char *name, int64_t value)
{
    control_reply_number (self->reply, "broker", name, value);
}

void
control_list (control_facts_t *self, const char *name, const control_column_t *columns,
              size_t n_columns)
{
    control_reply_list (self->reply, name, columns, n_columns);
}

void
control_row (control_facts_t *self, const char *const *cells)
{
    control_reply_row (self->reply, cells);
}

// ---------------------------------------------------------------- acts

// What the partner needs, and whether it had other keys before.
static void
reply_broker (job_t *self)
{
    char *text;
    if (asprintf (&text, "%s%s", self->clerk->broker_text,
                  job_value (self, "--replace") ? "keys_before = yes\n" : "") < 0)
        abort ();
    control_reply_text (self->reply, text);
    free (text);
}

static void
on_act (void *arg, act_outcome_t outcome, const char *text)
{
    job_t *self = arg;
    static const command_exit_t codes[] = {
        [ACT_DONE] = EXIT_OK, [ACT_REFUSED] = EXIT_NO, [ACT_UNKNOWN] = EXIT_UNKNOWN};
    log_info ("control: act answered uid=%u command=\"%s\" exit=%d text=\"%s\"", self->uid,
              self->line.command->words, (int) codes[outcome], text);
    if (outcome == ACT_DONE && self->line.command->id == COMMAND_PARTNER_ADD)
        reply_broker (self);
    job_end (self, codes[outcome], text);
}

static void
job_submit (job_t *self, act_t **act_p)
{
    act_on_answer (*act_p, on_act, self);
    self->clerk->options.submit (self->clerk->options.arg, act_p);
}

static void
job_add_partner (job_t *self)
{
    char problem[ACT_TEXT_BYTES];
    bool replace = job_value (self, "--replace") != NULL;
    act_t *act = act_new_partner (self->uid, self->input, replace, problem);
    if (act)
        job_submit (self, &act);
    else
        job_end (self, EXIT_NO, problem);
}

// The first instant of a date, or of the day after it; `absent` if it is not given.
static int64_t
date_value (const job_t *self, const char *name, int32_t days_after, int64_t absent)
{
    const char *text = job_value (self, name);
    int32_t day;
    return text && calendar_day_read (text, &day) ? calendar_day_start (day + days_after) : absent;
}

// A number that PostgreSQL wrote, or took as one.
static int64_t
number_of (const char *text)
{
    return strtoll (text, NULL, 10);
}

static Kask__Event
dead_letter_fate (command_id_t command)
{
    switch (command) {
    case COMMAND_DEAD_RETURN: return KASK__EVENT__EVENT_RETURNED;
    case COMMAND_DEAD_DROP: return KASK__EVENT__EVENT_DROPPED;
    default: return KASK__EVENT__EVENT_REPLAYED;
    }
}

static void
on_dead_letter (void *arg, run_outcome_t outcome, PGresult *const *results, int n,
                const char *problem)
{
    (void) n;
    job_t *self = arg;
    if (!rows_are_there (self, outcome, problem))
        return;
    const PGresult *row = results[0];
    if (PQntuples (row) == 0) {
        job_end (self, EXIT_NO, self->line.command->missing);
        return;
    }
    if (strcmp (PQgetvalue (row, 0, 4), "dead") != 0) {
        job_end (self, EXIT_NO,
                 "that dead letter is settled, or under way again already; nothing "
                 "was changed; kask dead show tells");
        return;
    }
    dead_letter_t letter = {.no = number_of (self->line.values[0]),
                            .recipient = (int) number_of (PQgetvalue (row, 0, 0)),
                            .sender = (int) number_of (PQgetvalue (row, 0, 1)),
                            .sequence = number_of (PQgetvalue (row, 0, 2)),
                            .replay = (int) number_of (PQgetvalue (row, 0, 3)) + 1,
                            .fate = dead_letter_fate (self->line.command->id)};
    if (job_value (self, "REASON"))
        snprintf (letter.why, sizeof letter.why, "%s", job_value (self, "REASON"));
    act_t *act = act_new_dead_letter (self->uid, &letter);
    job_submit (self, &act);
}

static act_t *
upkeep_act (const job_t *self, upkeep_kind_t kind)
{
    upkeep_t upkeep = {.kind = kind};
    snprintf (upkeep.partner, sizeof upkeep.partner, "%s", self->line.values[0]);
    if (job_value (self, "DATE"))
        (void) calendar_day_read (job_value (self, "DATE"), &upkeep.first_day);
    upkeep.last_day = upkeep.first_day;
    if (job_value (self, "--to"))
        (void) calendar_day_read (job_value (self, "--to"), &upkeep.last_day);
    return act_new_upkeep (self->uid, &upkeep);
}

static void
job_act (job_t *self)
{
    const char *const *values = self->line.values;
    act_t *act = NULL;
    switch (self->line.command->id) {
    case COMMAND_PARTNER_ADD: job_add_partner (self); return;
    case COMMAND_DEAD_REPLAY:
    case COMMAND_DEAD_RETURN:
    case COMMAND_DEAD_DROP: job_ask (self, on_dead_letter); return;
    case COMMAND_RECOVER:
        act = self->clerk->options.recover (self->clerk->options.arg, self->uid);
        break;
    case COMMAND_PARTNER_REVOKE: act = act_new_partner_revoke (self->uid, values[0]); break;
    case COMMAND_MAILBOX_AGAIN:
        act = act_new_again (self->uid, values[0], date_value (self, "DATE", 0, 0));
        break;
    case COMMAND_MAILBOX_PAUSE: act = upkeep_act (self, UPKEEP_PAUSE); break;
    case COMMAND_MAILBOX_RESUME: act = upkeep_act (self, UPKEEP_RESUME); break;
    case COMMAND_CLOSING_ADD: act = upkeep_act (self, UPKEEP_CLOSE); break;
    case COMMAND_CLOSING_REMOVE: act = upkeep_act (self, UPKEEP_OPEN); break;
    case COMMAND_AGREEMENT_ALLOW:
        act = act_new_allow (self->uid, values[0], values[1], date_value (self, "--from", 0, 0),
                             date_value (self, "--to", 1, INT64_MAX));
        break;
    default: act = act_new_revoke (self->uid, values[0], values[1]); break;
    }
    job_submit (self, &act);
}

// ---------------------------------------------------------------- the line of jobs

static void
job_begin (job_t *self)
{
    self->begun = true;
    if (job_is_act (self))
        job_act (self);
    else if (self->line.command->id == COMMAND_STATUS)
        job_status (self);
    else if (self->line.command->id == COMMAND_RECOVER)
        job_recovery (self);
    else
        job_ask (self, on_rows);
}

// Begins what may begin: everything that reads, and the first act.
static void
jobs_begin (clerk_t *self)
{
    bool act_before = false;
    for (job_t *job = self->jobs; job; job = job->next) {
        if (job->ready)
            continue;
        bool is_act = job_is_act (job);
        if (!job->begun && !(is_act && act_before))
            job_begin (job);
        act_before = act_before || (is_act && !job->ready);
    }
}

static void
jobs_answer (clerk_t *self)
{
    for (job_t **at = &self->jobs; *at;) {
        job_t *job = *at;
        if (!job->ready) {
            at = &job->next;
            continue;
        }
        *at = job->next;
        self->answer (self->answer_arg, job->id, job->reply);
        job_destroy (&job);
    }
}

void
clerk_take (clerk_t *self, uint64_t id, unsigned uid, int n, char *const *args, const char *input)
{
    job_t *job = job_new (self, id, uid, n, args, input);
    job_t **at = &self->jobs;
    while (*at)
        at = &(*at)->next;
    *at = job;
    char problem[COMMAND_PROBLEM_BYTES];
    if (!command_read (&job->line, job->n_args, job->args, problem))
        job_end (job, EXIT_USAGE, problem);
    else
        log_info ("control: asked uid=%u command=\"%s\"", uid, job->line.command->words);
    look_soon (self);
}

static int
on_timer (zloop_t *loop, int timer, void *arg)
{
    (void) loop, (void) timer;
    clerk_t *self = arg;
    self->timer = -1;
    jobs_begin (self);
    jobs_answer (self);
    return 0;
}

void
clerk_tick (clerk_t *self, int64_t now_ms)
{
    database_tick (self->database, now_ms);
}

// ---------------------------------------------------------------- the clerk

static void
on_set (void *arg, run_outcome_t outcome, PGresult *const *results, int n, const char *problem)
{
    (void) arg, (void) results, (void) n;
    if (outcome != RUN_OK)
        log_warning ("control: the database's connection was not set up problem=\"%s\"", problem);
}

static void
on_up (void *arg)
{
    clerk_t *self = arg;
    run_t *run = run_new (on_set, NULL);
    run_sql (run, "SET default_transaction_read_only = on", 0, NULL);
    run_sql (run, "SET statement_timeout = '10s'", 0, NULL);
    run_sql (run, "SET client_encoding = 'UTF8'", 0, NULL);
    database_put (self->database, &run, -1);
}

static void
on_down (void *arg, const char *problem)
{
    (void) arg, (void) problem; // the database has logged it; jobs are answered by their runs
}

clerk_t *
clerk_new (zloop_t *loop, const control_options_t *options, clerk_answer_fn *fn, void *arg)
{
    clerk_t *self = calloc (1, sizeof *self);
    if (!self || !(self->broker_text = strdup (options->broker_text)))
        abort ();
    self->loop = loop;
    self->timer = -1;
    self->answer = fn;
    self->answer_arg = arg;
    self->options = (control_options_t){.submit = options->submit,
                                        .facts = options->facts,
                                        .recovery = options->recovery,
                                        .recover = options->recover,
                                        .arg = options->arg};
    self->database =
        database_new (loop, options->conninfo, "control", no_statements, on_up, on_down, self);
    return self;
}

void
clerk_destroy (clerk_t **self_p)
{
    clerk_t *self = *self_p;
    if (!self)
        return;
    if (self->timer >= 0)
        zloop_timer_end (self->loop, self->timer);
    database_destroy (&self->database);
    while (self->jobs) {
        job_t *job = self->jobs;
        self->jobs = job->next;
        job_destroy (&job);
    }
    free (self->broker_text);
    free (self);
    *self_p = NULL;
}
