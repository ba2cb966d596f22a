/*
 * kask-mapping - the child process in which a mapping's jq program runs.
 *
 * Started by mapping.c only, with a socket as its standard input.  It sets
 * its limits, compiles the program, gives up the right to open anything,
 * and then answers one frame with one frame until the socket ends.
 *
 * The program's text gets one expression put before its own, behind its
 * includes and on the same line, so that $record and $args exist and line
 * numbers stay true.
 */
#include "mapping_frame.h"
#include "nesting.h"

#include <ctype.h>
#include <errno.h>
#include <jq.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#endif

#ifdef WITH_ASAN
// gcc has these functions, but not their header
size_t __sanitizer_get_current_allocated_bytes (void);
int __sanitizer_install_malloc_and_free_hooks (void (*) (const volatile void *, size_t),
                                               void (*) (const volatile void *));
#endif

enum {
    CONNECTION = 0,
    MAX_PROGRAM = 1024 * 1024, // bytes
    MAX_TEXT = 500,            // characters of a text in a problem
    MAX_THROWN_DEPTH = 8
};

typedef struct {
    jq_state *jq;
    const char *program; // path
    size_t memory, cpu_s, input, output, outputs, depth;
    jv compile_error; // first message, or null
} child_t;

// ---- limits

static void
on_no_memory (void *arg)
{
    (void) arg;
    _exit (CHILD_NO_MEMORY);
}

#ifdef WITH_ASAN
// Address sanitizer reserves terabytes of addresses, so the limit on them
// cannot be used; it counts what is allocated instead.
static size_t asan_limit;

static void
on_allocation (const volatile void *bytes, size_t size)
{
    static unsigned calls;
    (void) bytes;
    if ((size > 65536 || ++calls % 256 == 0) &&
        __sanitizer_get_current_allocated_bytes () > asan_limit)
        _exit (CHILD_NO_MEMORY);
}

static void
on_release (const volatile void *bytes)
{
    (void) bytes;
}
#endif

static void
limit_set (int resource, rlim_t value)
{
    struct rlimit limit = {value, value};
    setrlimit ((__rlimit_resource_t) resource, &limit);
}

static void
limit_memory (size_t bytes)
{
#ifdef WITH_ASAN
    asan_limit = bytes;
    __sanitizer_install_malloc_and_free_hooks (on_allocation, on_release);
#else
    limit_set (RLIMIT_AS, bytes);
#endif
}

// A core file would hold a client's data.
static void
drop_rights (void)
{
    limit_set (RLIMIT_CORE, 0);
    prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static void
drop_files (void)
{
    limit_set (RLIMIT_FSIZE, 0);
    limit_set (RLIMIT_NOFILE, 0);
    limit_set (RLIMIT_NPROC, 0);
}

// The limit counts the life of the process, so each record gets it anew.
static void
limit_cpu (size_t seconds)
{
    struct rusage usage;
    struct rlimit limit;
    getrusage (RUSAGE_SELF, &usage);
    getrlimit (RLIMIT_CPU, &limit);
    time_t used = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + 2; // two rounded fractions
    limit.rlim_cur = (rlim_t) used + seconds;
    setrlimit (RLIMIT_CPU, &limit);
}

// ---- frames

static bool
read_all (void *bytes, size_t size)
{
    for (char *at = bytes; size > 0;) {
        ssize_t n = read (CONNECTION, at, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        size -= (size_t) n;
    }
    return true;
}

static void
write_all (const void *bytes, size_t size)
{
    for (const char *at = bytes; size > 0;) {
        ssize_t n = write (CONNECTION, at, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            _exit (0); // nobody listens any more
        at += n;
        size -= (size_t) n;
    }
}

// Takes `value`.
static void
send_frame (int kind, jv value)
{
    unsigned char head[FRAME_HEAD];
    jv text = jv_dump_string (value, 0);
    size_t size = (size_t) jv_string_length_bytes (jv_copy (text));
    frame_head (head, size, kind);
    write_all (head, sizeof head);
    write_all (jv_string_value (text), size);
    jv_free (text);
}

static jv
problem_object (const char *field, const char *what, const char *todo)
{
    jv object = jv_object_set (jv_object (), jv_string ("field"), jv_string (field));
    object = jv_object_set (object, jv_string ("problem"), jv_string (what));
    return jv_object_set (object, jv_string ("do"), jv_string (todo));
}

// ---- compiling

// Behind comments and white space.
static const char *
skip_blank (const char *at)
{
    for (;;) {
        at += strspn (at, " \t\r\n");
        if (*at != '#')
            return at;
        at += strcspn (at, "\n");
    }
}

static bool
is_word (const char *at, const char *word)
{
    size_t length = strlen (word);
    return strncmp (at, word, length) == 0 && !isalnum ((unsigned char) at[length]) &&
           at[length] != '_' && at[length] != ':';
}

// Behind the ; of a module, import or include directive; strings may hold one.
static const char *
skip_directive (const char *at)
{
    for (bool quoted = false; *at && (quoted || *at != ';'); at++) {
        if (*at == '"')
            quoted = !quoted;
        else if (quoted && *at == '\\' && at[1])
            at++;
    }
    return *at ? at + 1 : at;
}

static char *
with_variables (const char *text)
{
    static const char variables[] = " . as {$record, $args} | $record | ";
    const char *body = text;
    for (const char *at = skip_blank (text);
         is_word (at, "module") || is_word (at, "import") || is_word (at, "include");
         at = skip_blank (body))
        body = skip_directive (at);
    char *whole = NULL;
    if (asprintf (&whole, "%.*s%s%s", (int) (body - text), text, variables, body) < 0)
        _exit (CHILD_NO_MEMORY);
    return whole;
}

static char *
program_load (const char *path)
{
    FILE *file = fopen (path, "re");
    char *text = file ? calloc (1, MAX_PROGRAM + 1) : NULL;
    size_t size = text ? fread (text, 1, MAX_PROGRAM + 1, file) : 0;
    if (file)
        fclose (file);
    if (text && size <= MAX_PROGRAM && strlen (text) == size)
        return text;
    free (text);
    return NULL;
}

static void
on_jq_message (void *arg, jv message)
{
    child_t *self = arg;
    if (jv_get_kind (self->compile_error) == JV_KIND_NULL &&
        jv_get_kind (message) == JV_KIND_STRING)
        self->compile_error = message;
    else
        jv_free (message);
}

// Whether `at` begins with " at FILE, line N".
static bool
is_place (const char *at, char file[PATH_MAX], int *line)
{
    static const char before[] = " at ", between[] = ", line ";
    const char *name = at + strlen (before);
    size_t length = strcspn (name, ",\n");
    if (strncmp (at, before, strlen (before)) != 0 || length == 0 || length >= PATH_MAX ||
        strncmp (name + length, between, strlen (between)) != 0)
        return false;
    const char *digits = name + length + strlen (between);
    char *end;
    long number = strtol (digits, &end, 10);
    if (end == digits || number < 0 || number > INT_MAX)
        return false;
    memcpy (file, name, length);
    file[length] = '\0';
    *line = (int) number;
    return true;
}

// jq writes "jq: error: WHAT at FILE, line N:\nTEXT"; FILE is <top-level> for
// the program itself.  `message` is taken.
static void
report_broken (const child_t *self, jv message)
{
    const char *text = jv_get_kind (message) == JV_KIND_STRING ? jv_string_value (message)
                                                               : "the program cannot be read";
    static const char prefix[] = "jq: error: ";
    char file[PATH_MAX] = "<top-level>";
    int line = 0;
    if (strncmp (text, prefix, strlen (prefix)) == 0)
        text += strlen (prefix);
    size_t length = strlen (text);
    for (const char *at = strstr (text, " at "); at; at = strstr (at + 4, " at "))
        if (is_place (at, file, &line)) {
            length = (size_t) (at - text);
            break;
        }
    bool own = strcmp (file, "<top-level>") == 0;
    jv object =
        jv_object_set (jv_object (), jv_string ("file"), jv_string (own ? self->program : file));
    object = jv_object_set (object, jv_string ("line"), jv_number (line));
    object = jv_object_set (object, jv_string ("problem"), jv_string_sized (text, (int) length));
    send_frame (FRAME_BROKEN, object);
    jv_free (message);
}

static void
set_paths (child_t *self, const char *library)
{
    // jq takes a relative path as one from its own folder, not from ours.
    char path[PATH_MAX], library_path[PATH_MAX];
    if (!realpath (self->program, path))
        snprintf (path, sizeof path, "%s", self->program);
    if (realpath (library, library_path))
        library = library_path;
    const char *folder = dirname (path);
    jq_set_attr (self->jq, jv_string ("JQ_LIBRARY_PATH"),
                 JV_ARRAY (jv_string (library), jv_string (folder)));
    jq_set_attr (self->jq, jv_string ("PROGRAM_ORIGIN"), jv_string (folder));
    jq_set_attr (self->jq, jv_string ("JQ_ORIGIN"), jv_string (library));
}

static bool
compile (child_t *self, const char *library)
{
    self->jq = jq_init ();
    self->compile_error = jv_null ();
    if (!self->jq)
        _exit (CHILD_NO_MEMORY);
    jq_set_nomem_handler (self->jq, on_no_memory, NULL);
    jq_set_error_cb (self->jq, on_jq_message, self);
    // without inputs, but there: `input_filename` would end in an assertion
    jq_util_input_state *inputs = jq_util_input_init (NULL, NULL);
    jq_util_input_set_parser (inputs, jv_parser_new (0), 0);
    jq_set_input_cb (self->jq, jq_util_input_next_input_cb, inputs);
    set_paths (self, library);
    char *text = program_load (self->program);
    char *whole = text ? with_variables (text) : NULL;
    bool good = whole && jq_compile_args (self->jq, whole, jv_object ());
    if (!good)
        report_broken (self, jv_copy (self->compile_error));
    free (whole);
    free (text);
    return good;
}

// ---- records

// Takes `text`.
static jv
cut (jv text)
{
    return jv_string_slice (text, 0, MAX_TEXT);
}

static jv
text_member (jv object, const char *name, const char *otherwise)
{
    jv value = jv_object_get (jv_copy (object), jv_string (name));
    if (jv_get_kind (value) == JV_KIND_STRING)
        return cut (value);
    if (jv_is_valid (value) && jv_get_kind (value) != JV_KIND_NULL)
        return cut (jv_dump_string (value, 0));
    jv_free (value);
    return jv_string (otherwise);
}

// What the program threw, as a problem; `thrown` is taken.
static jv
thrown_problem (jv thrown)
{
    if (jv_get_kind (thrown) == JV_KIND_STRING) {
        thrown = cut (thrown);
        jv object =
            problem_object ("", jv_string_value (thrown), "correct the record or the mapping");
        jv_free (thrown);
        return object;
    }
    jv whole = jv_get_kind (thrown) == JV_KIND_OBJECT
                   ? thrown
                   : jv_object_set (jv_object (), jv_string ("problem"), thrown);
    jv object = jv_object_set (jv_object (), jv_string ("field"), text_member (whole, "field", ""));
    object = jv_object_set (object, jv_string ("problem"),
                            text_member (whole, "problem", "the mapping refuses the record"));
    object = jv_object_set (object, jv_string ("do"), text_member (whole, "do", ""));
    jv_free (whole);
    return object;
}

static const char *
output_fault (const child_t *self, jv output, size_t count, size_t *bytes)
{
    if (count > self->outputs)
        return "the mapping gives too many outputs";
    if (nesting_exceeds (output, (int) self->depth))
        return "an output of the mapping is nested too deep";
    jv text = jv_dump_string (jv_copy (output), 0);
    *bytes += (size_t) jv_string_length_bytes (text) + 1;
    return *bytes > self->output ? "the outputs of the mapping are too large" : NULL;
}

// Refuses the record, and ends: the jq machine may hold what even to free
// would overflow the stack, and the next record must not suffer for it.
static void
give_up (const char *fault)
{
    send_frame (FRAME_LAST, problem_object ("", fault, "correct the mapping"));
    _exit (0);
}

static void
run (child_t *self, jv input)
{
    jv outputs = jv_array ();
    size_t bytes = 0;
    jv output;
    jq_start (self->jq, input, 0);
    for (output = jq_next (self->jq); jv_is_valid (output); output = jq_next (self->jq)) {
        outputs = jv_array_append (outputs, output);
        const char *fault =
            output_fault (self, output, (size_t) jv_array_length (jv_copy (outputs)), &bytes);
        if (fault)
            give_up (fault);
    }
    if (jq_halted (self->jq))
        give_up ("the mapping calls halt");
    jv thrown = jv_invalid_has_msg (jv_copy (output)) ? jv_invalid_get_msg (output) : output;
    if (nesting_exceeds (thrown, MAX_THROWN_DEPTH))
        give_up ("the mapping threw a deeply nested error");
    jq_start (self->jq, jv_null (),
              0); // frees what is left, so that a crash there comes before the answer
    if (jv_is_valid (thrown)) {
        jv_free (outputs);
        send_frame (FRAME_PROBLEM, thrown_problem (thrown));
    } else
        send_frame (FRAME_OUTPUTS, outputs);
}

static bool
serve_one (child_t *self)
{
    unsigned char head[FRAME_HEAD];
    if (!read_all (head, sizeof head))
        return false;
    size_t size = frame_size (head);
    if (head[4] != FRAME_RECORD || size > self->input || size > INT_MAX)
        _exit (CHILD_BAD_CALL);
    char *text = malloc (size + 1);
    if (!text)
        _exit (CHILD_NO_MEMORY);
    if (!read_all (text, size))
        return false;
    limit_cpu (self->cpu_s);
    jv input = jv_parse_sized (text, (int) size);
    free (text);
    if (!jv_is_valid (input))
        _exit (CHILD_BAD_CALL);
    run (self, input);
    return true;
}

static size_t
number (const char *text)
{
    return (size_t) strtoull (text, NULL, 10);
}

int
main (int argc, char **argv)
{
    if (argc != CHILD_ARGUMENTS) {
        fprintf (stderr, "kask-mapping: is started by kask-adapter, not by hand\n");
        return CHILD_BAD_CALL;
    }
    child_t self = {.program = argv[CHILD_PROGRAM],
                    .memory = number (argv[CHILD_MEMORY]),
                    .cpu_s = number (argv[CHILD_CPU]),
                    .input = number (argv[CHILD_INPUT]),
                    .output = number (argv[CHILD_OUTPUT]),
                    .outputs = number (argv[CHILD_OUTPUTS]),
                    .depth = number (argv[CHILD_DEPTH])};
    drop_rights ();
    limit_memory (self.memory);
    limit_cpu (self.cpu_s);
    if (!compile (&self, argv[CHILD_LIBRARY]))
        _exit (0);
    drop_files ();
    send_frame (FRAME_READY, jv_null ());
    while (serve_one (&self))
        ;
    _exit (0);
}
