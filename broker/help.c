/*
 * help - what kask says of itself, from the table of commands.
 */
#include "help.h"
#include "command.h"

#include <string.h>

static const char overview_head[] = "usage: kask [--socket PATH] [--json] COMMAND [ARGUMENTS]\n"
                                    "The operator's command line of the broker kaskd.\n\n";

static const char overview_tail[] =
    "\n"
    "  --socket PATH  the broker's control socket; else KASK_SOCKET, else\n"
    "                 /run/kask/control.sock\n"
    "  --json         one JSON object instead of tables\n"
    "  --help         behind a command: what it does, with an example\n"
    "  --version\n"
    "exit: 0 done, 1 refused or not found, 2 usage, 3 no broker at the socket,\n"
    "      4 the database does not answer (an act may or may not have been done)\n";

static bool
begins_with (const char *text, int n, char *const *words)
{
    for (int i = 0; i < n; i++) {
        size_t length = strlen (words[i]);
        if (strncmp (text, words[i], length) != 0 || (text[length] && text[length] != ' '))
            return false;
        text += length + (text[length] == ' ');
    }
    return true;
}

// The text in lines of at most 72 columns, each with two spaces before it.
static void
print_wrapped (const char *text, FILE *out)
{
    enum { MOST = 72 };
    while (*text) {
        size_t n = strlen (text);
        if (n > MOST)
            for (n = MOST; n > 1 && text[n] != ' ';)
                n--;
        fprintf (out, "  %.*s\n", (int) n, text);
        text += n;
        text += *text == ' ';
    }
}

static void
print_command (const command_t *command, FILE *out)
{
    fprintf (out, "kask %s%s%s\n", command->words, *command->arguments ? " " : "",
             command->arguments);
    print_wrapped (command->help, out);
    fprintf (out, "  example: %s\n", command->example);
}

static void
print_overview (FILE *out)
{
    fputs (overview_head, out);
    for (int id = 0; id < N_COMMANDS; id++) {
        const command_t *command = &command_table ()[id];
        fprintf (out, "  %s%s%s\n", command->words, *command->arguments ? " " : "",
                 command->arguments);
    }
    fputs (overview_tail, out);
}

bool
help_print (int n, char *const *words, FILE *out)
{
    if (n == 0) {
        print_overview (out);
        return true;
    }
    bool any = false;
    for (int id = 0; id < N_COMMANDS; id++) {
        const command_t *command = &command_table ()[id];
        if (!begins_with (command->words, n, words))
            continue;
        if (any)
            fputc ('\n', out);
        print_command (command, out);
        any = true;
    }
    return any;
}
