/*
 * mapping - the parent's side of a jq program in a child process.
 *
 * One socket pair, one frame out, one frame back, under one deadline.  Any
 * doubt about the child (silence, a short frame, an odd one) ends it with
 * SIGKILL, and its exit status says why.  The helper is started by exec and
 * not by fork alone, because the adapter has threads and secrets.
 */
#include "mapping.h"

#include "formats/format.h"
#include "mapping_frame.h"
#include "nesting.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    RECORDS_PER_CHILD = 5000, // libjq leaks a little on errors: start afresh now and then
    MAX_PROBLEM = 64 * 1024,  // bytes of a frame that is not outputs
    MIB = 1024 * 1024
};

struct mapping {
    char *program, *helper, *library;
    mapping_limits_t limits;
    pid_t child;    // 0: none
    int connection; // -1: none
    size_t records; // given to this child
};

typedef struct {
    int kind;   // 0: none came
    char *text; // owned, followed by a zero byte
    size_t size;
    int status; // of the child, where none came; -1: it was too late
} frame_t;

// ---- the clock

static long long
now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (long long) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Waits until the connection can be read or written; false at the deadline.
static bool
wait_for (const mapping_t *self, short events, long long deadline_ms)
{
    for (;;) {
        long long left = deadline_ms - now_ms ();
        struct pollfd item = {.fd = self->connection, .events = events};
        int n = left > 0 ? poll (&item, 1, (int) left) : 0;
        if (n >= 0 || errno != EINTR)
            return n > 0;
    }
}

// ---- the child

// Ends the child; its status, -1 if it has none to give.
static int
child_end (mapping_t *self)
{
    int status = -1;
    if (self->connection >= 0)
        close (self->connection);
    if (self->child > 0) {
        // it ends by itself when the connection closes, unless it is at work
        kill (self->child, SIGKILL);
        while (waitpid (self->child, &status, 0) < 0)
            if (errno != EINTR) {
                status = -1;
                break;
            }
    }
    self->connection = -1;
    self->child = 0;
    return status;
}

// Lets a child that is already dying tell why: the connection ends a moment
// before the process does.
static int
child_status (mapping_t *self, bool is_late)
{
    int status = -1;
    if (!is_late && self->child > 0) {
        pid_t ended;
        do
            ended = waitpid (self->child, &status, 0);
        while (ended < 0 && errno == EINTR);
        self->child = ended == self->child ? 0 : self->child;
    }
    int killed = child_end (self);
    return is_late ? -1 : status == -1 ? killed : status;
}

static int
spawn (mapping_t *self, int connection, char **arguments)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    char *environment[] = {NULL};
    sigemptyset (&none);
    sigfillset (&all);
    posix_spawn_file_actions_init (&actions);
    posix_spawn_file_actions_adddup2 (&actions, connection, STDIN_FILENO);
    // a mapping could write a client's data on stderr, which ends in a log
    posix_spawn_file_actions_addopen (&actions, STDOUT_FILENO, "/dev/null", 1, 0);
    posix_spawn_file_actions_addopen (&actions, STDERR_FILENO, "/dev/null", 1, 0);
    posix_spawn_file_actions_addclosefrom_np (&actions, STDERR_FILENO + 1);
    posix_spawnattr_init (&attributes);
    posix_spawnattr_setsigmask (&attributes, &none);
    posix_spawnattr_setsigdefault (&attributes, &all);
    posix_spawnattr_setpgroup (&attributes, 0);
    posix_spawnattr_setflags (&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                               POSIX_SPAWN_SETPGROUP);
    int error =
        posix_spawn (&self->child, self->helper, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy (&attributes);
    posix_spawn_file_actions_destroy (&actions);
    if (error)
        self->child = 0;
    return error;
}

static int
child_spawn (mapping_t *self, int connection)
{
    char numbers[CHILD_ARGUMENTS][24];
    char *arguments[CHILD_ARGUMENTS + 1] = {self->helper, self->program, self->library};
    const size_t values[CHILD_ARGUMENTS] = {
        [CHILD_MEMORY] = self->limits.memory_bytes, [CHILD_CPU] = self->limits.cpu_s,
        [CHILD_INPUT] = self->limits.input_bytes,   [CHILD_OUTPUT] = self->limits.output_bytes,
        [CHILD_OUTPUTS] = self->limits.outputs,     [CHILD_DEPTH] = self->limits.depth,
    };
    for (int i = CHILD_MEMORY; i < CHILD_ARGUMENTS; i++) {
        snprintf (numbers[i], sizeof numbers[i], "%zu", values[i]);
        arguments[i] = numbers[i];
    }
    return spawn (self, connection, arguments);
}

// ---- frames

static bool
send_all (const mapping_t *self, const void *bytes, size_t size, long long deadline_ms)
{
    for (const char *at = bytes; size > 0;) {
        if (!wait_for (self, POLLOUT, deadline_ms))
            return false;
        ssize_t n = send (self->connection, at, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return false;
        at += n > 0 ? n : 0;
        size -= n > 0 ? (size_t) n : 0;
    }
    return true;
}

// 1: all came; 0: the connection ended; -1: too late.
static int
receive_all (const mapping_t *self, void *bytes, size_t size, long long deadline_ms)
{
    for (char *at = bytes; size > 0;) {
        if (!wait_for (self, POLLIN, deadline_ms))
            return -1;
        ssize_t n = recv (self->connection, at, size, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
            return 0;
        at += n > 0 ? n : 0;
        size -= n > 0 ? (size_t) n : 0;
    }
    return 1;
}

// The child's next frame; without one, the child has been ended.
static frame_t
frame_receive (mapping_t *self, long long deadline_ms)
{
    frame_t frame = {.kind = 0};
    unsigned char head[FRAME_HEAD];
    int got = receive_all (self, head, sizeof head, deadline_ms);
    if (got == 1) {
        // brackets, commas and blanks of the list around the outputs
        size_t limit = self->limits.output_bytes + 2 * (size_t) self->limits.outputs + 2;
        frame.size = frame_size (head);
        if (frame.size <= (head[4] == FRAME_OUTPUTS ? limit : MAX_PROBLEM)) {
            frame.text = calloc (1, frame.size + 1);
            if (!frame.text)
                abort ();
            got = receive_all (self, frame.text, frame.size, deadline_ms);
        } else
            got = -1; // end it at once
    }
    if (got == 1)
        frame.kind = head[4];
    else
        frame.status = child_status (self, got < 0);
    return frame;
}

// ---- starting

static jv
frame_json (const frame_t *frame, problem_t *problem)
{
    return format_json_parse (frame->text, frame->size, problem);
}

static const char *
member (jv object, const char *name)
{
    jv value = jv_get_kind (object) == JV_KIND_OBJECT
                   ? jv_object_get (jv_copy (object), jv_string (name))
                   : jv_invalid ();
    const char *text = jv_get_kind (value) == JV_KIND_STRING ? jv_string_value (value) : "";
    jv_free (value); // the object still holds it
    return text;
}

static void
report_broken (const mapping_t *self, const frame_t *frame, problem_t *problem)
{
    jv report = frame_json (frame, NULL);
    jv line = jv_get_kind (report) == JV_KIND_OBJECT
                  ? jv_object_get (jv_copy (report), jv_string ("line"))
                  : jv_invalid ();
    const char *file = member (report, "file");
    problem_set_text (problem, PROBLEM_SETUP, "", member (report, "problem"),
                      "correct the mapping");
    problem_at (problem, *file ? file : self->program,
                jv_get_kind (line) == JV_KIND_NUMBER ? (size_t) jv_number_value (line) : 0, NULL);
    jv_free (line);
    jv_free (report);
}

static void
describe_end (const mapping_t *self, int status, problem_t *problem)
{
    const problem_scope_t scope = PROBLEM_RECORD;
    const char *todo = "correct the mapping, or raise its limits";
    if (status == -1)
        problem_set (problem, scope, "", todo, "the mapping took longer than %u ms",
                     self->limits.wall_ms);
    else if (WIFSIGNALED (status) && WTERMSIG (status) == SIGXCPU)
        problem_set (problem, scope, "", todo, "the mapping computed longer than %u s",
                     self->limits.cpu_s);
    else if (WIFEXITED (status) && WEXITSTATUS (status) == CHILD_NO_MEMORY)
        problem_set (problem, scope, "", todo, "the mapping wanted more than %zu MiB of memory",
                     self->limits.memory_bytes / MIB);
    else if (WIFSIGNALED (status))
        problem_set (problem, scope, "", "correct the mapping", "the mapping crashed, signal %d",
                     WTERMSIG (status));
    else
        problem_set (problem, scope, "", "see whether kask-mapping is of this version",
                     "the mapping's process ended, status %d", WEXITSTATUS (status));
}

static bool
child_start (mapping_t *self, problem_t *problem)
{
    int pair[2];
    if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        problem_set (problem, PROBLEM_SETUP, "", "raise the limit on open files",
                     "no connection to a child process: %s", strerror (errno));
        return false;
    }
    self->connection = pair[0];
    self->records = 0;
    int error = child_spawn (self, pair[1]);
    close (pair[1]);
    if (error) {
        child_end (self);
        problem_set (problem, PROBLEM_SETUP, "", "install kask-mapping there",
                     "%s cannot be started: %s", self->helper, strerror (error));
        return false;
    }
    frame_t frame = frame_receive (self, now_ms () + self->limits.wall_ms);
    bool good = frame.kind == FRAME_READY;
    if (frame.kind == FRAME_BROKEN)
        report_broken (self, &frame, problem);
    else if (!good) {
        describe_end (self, frame.status, problem);
        if (problem)
            problem->scope = PROBLEM_SETUP;
        problem_at (problem, self->program, 0, NULL);
    }
    if (!good)
        child_end (self);
    free (frame.text);
    return good;
}

// What lies beside this program, as in a build tree; false if it is not there.
static bool
is_beside (const char *name, char path[PATH_MAX])
{
    ssize_t n = *name ? readlink ("/proc/self/exe", path, PATH_MAX - 1) : -1;
    if (n <= 0)
        return false;
    path[n] = '\0';
    char *slash = strrchr (path, '/');
    size_t room = PATH_MAX - (size_t) (slash + 1 - path);
    int size = snprintf (slash + 1, room, "%s", name);
    return (size_t) size < room && access (path, F_OK) == 0;
}

static char *
path_copy (const char *given, const char *variable, const char *beside, const char *installed)
{
    char near[PATH_MAX];
    const char *path = given ? given : getenv (variable);
    if (!path && is_beside (beside, near))
        path = near;
    char *copy = strdup (path ? path : installed);
    if (!copy)
        abort ();
    return copy;
}

static mapping_limits_t
limits_fill (const mapping_setup_t *setup)
{
    const mapping_limits_t usual = {.memory_bytes = 256 * (size_t) MIB,
                                    .cpu_s = 5,
                                    .wall_ms = 15000,
                                    .input_bytes = 4 * (size_t) MIB,
                                    .output_bytes = 4 * (size_t) MIB,
                                    .outputs = 1000,
                                    .depth = 32};
    mapping_limits_t limits = setup ? setup->limits : usual;
    limits.memory_bytes = limits.memory_bytes ? limits.memory_bytes : usual.memory_bytes;
    limits.cpu_s = limits.cpu_s ? limits.cpu_s : usual.cpu_s;
    limits.wall_ms = limits.wall_ms ? limits.wall_ms : usual.wall_ms;
    limits.input_bytes = limits.input_bytes ? limits.input_bytes : usual.input_bytes;
    limits.output_bytes = limits.output_bytes ? limits.output_bytes : usual.output_bytes;
    limits.outputs = limits.outputs ? limits.outputs : usual.outputs;
    limits.depth = limits.depth ? limits.depth : usual.depth;
    limits.depth = limits.depth > 60 ? 60 : limits.depth; // the frame's own parser stops at 64
    return limits;
}

mapping_t *
mapping_new (const char *program, const mapping_setup_t *setup, problem_t *problem)
{
    mapping_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->connection = -1;
    self->limits = limits_fill (setup);
    self->program = path_copy (program, "", "", "");
    self->helper = path_copy (setup ? setup->helper : NULL, "KASK_MAPPING_HELPER", "kask-mapping",
                              KASK_LIBEXECDIR "/kask-mapping");
    self->library = path_copy (setup ? setup->library : NULL, "KASK_JQ_LIBRARY", "jq", KASK_JQDIR);
    if (!child_start (self, problem))
        mapping_destroy (&self);
    return self;
}

void
mapping_destroy (mapping_t **self_p)
{
    mapping_t *self = *self_p;
    if (!self)
        return;
    child_end (self);
    free (self->program);
    free (self->helper);
    free (self->library);
    free (self);
    *self_p = NULL;
}

// ---- records

// The request as text, owned; invalid, with the problem, if it is too large
// or too deep.  Takes both.
static jv
request_text (const mapping_t *self, jv input, jv args, problem_t *problem)
{
    bool deep = nesting_exceeds (input, (int) self->limits.depth) ||
                nesting_exceeds (args, (int) self->limits.depth);
    if (deep) {
        jv_free (input);
        jv_free (args);
        problem_set (problem, PROBLEM_RECORD, "", "simplify the record",
                     "nested deeper than %u levels", self->limits.depth);
        return jv_invalid ();
    }
    if (jv_get_kind (args) != JV_KIND_OBJECT) {
        jv_free (args);
        args = jv_object ();
    }
    jv request = jv_object_set (jv_object (), jv_string ("record"), input);
    jv text = jv_dump_string (jv_object_set (request, jv_string ("args"), args), 0);
    if ((size_t) jv_string_length_bytes (jv_copy (text)) <= self->limits.input_bytes)
        return text;
    jv_free (text);
    problem_set (problem, PROBLEM_RECORD, "", "shorten the record in its system, or leave it out",
                 "larger than the %zu bytes that a mapping may be given", self->limits.input_bytes);
    return jv_invalid ();
}

static mapping_result_t
take_outputs (const frame_t *frame, jv *outputs_p, problem_t *problem)
{
    problem_t reason;
    *outputs_p = frame_json (frame, &reason);
    if (jv_is_valid (*outputs_p))
        return MAPPING_OK;
    problem_set (problem, PROBLEM_RECORD, "", "correct the mapping",
                 "the mapping's output cannot be used: %s", reason.what);
    return MAPPING_REFUSED;
}

static mapping_result_t
take_problem (const frame_t *frame, problem_t *problem)
{
    jv report = frame_json (frame, NULL);
    problem_set_text (problem, PROBLEM_RECORD, member (report, "field"), member (report, "problem"),
                      member (report, "do"));
    if (problem && !problem->what[0])
        problem_set (problem, PROBLEM_RECORD, "", "correct the mapping",
                     "the mapping refuses the record and does not say why");
    jv_free (report);
    return MAPPING_REFUSED;
}

static mapping_result_t
exchange (mapping_t *self, jv text, jv *outputs_p, problem_t *problem)
{
    unsigned char head[FRAME_HEAD];
    long long deadline_ms = now_ms () + self->limits.wall_ms;
    size_t size = (size_t) jv_string_length_bytes (jv_copy (text));
    frame_head (head, size, FRAME_RECORD);
    // where sending fails, receiving finds out why
    if (send_all (self, head, sizeof head, deadline_ms))
        (void) send_all (self, jv_string_value (text), size, deadline_ms);
    frame_t frame = frame_receive (self, deadline_ms);
    mapping_result_t result = MAPPING_CRASHED;
    if (frame.kind == FRAME_OUTPUTS)
        result = take_outputs (&frame, outputs_p, problem);
    else if (frame.kind == FRAME_PROBLEM || frame.kind == FRAME_LAST)
        result = take_problem (&frame, problem);
    else
        describe_end (self, frame.status, problem);
    if (frame.kind == FRAME_LAST || result == MAPPING_CRASHED)
        child_end (self);
    free (frame.text);
    return result;
}

mapping_result_t
mapping_apply (mapping_t *self, jv input, jv args, jv *outputs_p, problem_t *problem)
{
    mapping_result_t result = MAPPING_REFUSED;
    *outputs_p = jv_invalid ();
    jv text = request_text (self, input, args, problem);
    if (jv_is_valid (text)) {
        if (self->records++ >= RECORDS_PER_CHILD)
            child_end (self);
        result = MAPPING_UNUSABLE;
        if (self->child || child_start (self, problem))
            result = exchange (self, text, outputs_p, problem);
    }
    jv_free (text);
    return result;
}
