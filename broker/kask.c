/*
 * kask - the operator's command line.
 *
 * Reads what was typed by the table of commands, asks the broker over its Unix
 * socket, and shows the answer.  All decisions are the broker's.
 */
#include "ask.h"
#include "command.h"
#include "help.h"
#include "request.h"
#include "show.h"

#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char default_socket[] = "/run/kask/control.sock";

// The program's own options, and what is left for the command.
typedef struct {
    const char *socket;
    bool json;
    bool help;
    bool version;
    int n_args;
    char **args;
} invocation_t;

// Takes our options out of the line, wherever they stand.
static bool
invocation_read (invocation_t *self, int argc, char **argv)
{
    const char *environment = getenv ("KASK_SOCKET");
    *self = (invocation_t){.socket = environment && *environment ? environment : default_socket,
                           .args = argv + 1};
    for (int i = 1; i < argc; i++) {
        if (strcmp (argv[i], "--json") == 0)
            self->json = true;
        else if (strcmp (argv[i], "--help") == 0 || strcmp (argv[i], "-h") == 0)
            self->help = true;
        else if (strcmp (argv[i], "--version") == 0)
            self->version = true;
        else if (strcmp (argv[i], "--socket") != 0)
            self->args[self->n_args++] = argv[i];
        else if (++i < argc)
            self->socket = argv[i];
        else
            return false;
    }
    return true;
}

static int
usage (const char *problem)
{
    fprintf (stderr, "kask: %s\n", problem);
    return EXIT_USAGE;
}

// The content of a file, "-" for standard input; NULL if it cannot be read or is no request.
static char *
file_read (const char *path, char *problem)
{
    FILE *file = strcmp (path, "-") == 0 ? stdin : fopen (path, "r");
    char *text = calloc (1, REQUEST_BYTES + 2);
    if (!text)
        abort ();
    size_t n = file ? fread (text, 1, REQUEST_BYTES + 1, file) : 0;
    if (!file || ferror (file))
        snprintf (problem, COMMAND_PROBLEM_BYTES, "%.150s: %s; nothing was done", path,
                  strerror (errno));
    else if (n > REQUEST_BYTES || strlen (text) != n)
        snprintf (problem, COMMAND_PROBLEM_BYTES,
                  "%.150s: is no partner's request file; nothing was done", path);
    else
        problem[0] = '\0';
    if (file && file != stdin)
        fclose (file);
    if (*problem) {
        free (text);
        return NULL;
    }
    return text;
}

// How wide a table may be; 0: as wide as it is.
static int
width_of_output (void)
{
    const char *columns = getenv ("COLUMNS");
    long given = columns ? strtol (columns, NULL, 10) : 0;
    if (given > 0 && given <= INT_MAX)
        return (int) given;
    struct winsize size;
    if (!isatty (STDOUT_FILENO) || ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}

static int
show (const Kask__ControlReply *reply, bool json)
{
    if (json)
        show_json (reply, stdout);
    else
        show_tables (reply, width_of_output (), stdout);
    if (*reply->note)
        fprintf (stderr, "kask: %s\n", reply->note);
    if (fflush (stdout) != 0) {
        fprintf (stderr, "kask: standard output: %s; the command itself was carried out\n",
                 strerror (errno));
        return EXIT_NO;
    }
    return (int) reply->exit_code;
}

static int
ask_and_show (const invocation_t *self, const char *input)
{
    Kask__ControlRequest request = KASK__CONTROL_REQUEST__INIT;
    request.n_args = (size_t) self->n_args;
    request.args = self->args;
    request.input = (char *) input;
    char problem[ASK_PROBLEM_BYTES];
    Kask__ControlReply *reply = ask_broker (self->socket, &request, problem);
    if (!reply) {
        fprintf (stderr, "kask: %s\n", problem);
        return EXIT_UNREACHABLE;
    }
    int code = show (reply, self->json);
    kask__control_reply__free_unpacked (reply, NULL);
    return code;
}

static int
run (const invocation_t *self)
{
    char problem[COMMAND_PROBLEM_BYTES];
    command_line_t line;
    if (!command_read (&line, self->n_args, self->args, problem))
        return usage (problem);
    int place = command_argument (line.command, "FILE");
    char *input = NULL;
    if (place >= 0 && !(input = file_read (line.values[place], problem)))
        return usage (problem);
    int code = ask_and_show (self, input ? input : "");
    free (input);
    return code;
}

int
main (int argc, char **argv)
{
    setlocale (LC_CTYPE, "C.UTF-8"); // what the broker sends, whatever the terminal's locale
    invocation_t invocation;
    if (!invocation_read (&invocation, argc, argv))
        return usage ("--socket: a path is missing; nothing was done; see kask --help");
    if (invocation.version) {
        puts ("kask " PACKAGE_VERSION);
        return EXIT_OK;
    }
    if (!invocation.help && invocation.n_args > 0)
        return run (&invocation);
    if (!help_print (invocation.n_args, invocation.args, invocation.help ? stdout : stderr))
        return usage ("no such command; kask --help lists them");
    return invocation.help ? EXIT_OK : EXIT_USAGE;
}
