/*
 * kask-adapter - joins one partner's system to the network.
 *
 * Reads the command line by the table commands.def and calls the command.
 */
#include "cmd/cmd.h"
#include "desk_setup.h"

#include <getopt.h>
#include <libxml/parser.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const cmd_t commands[] = {
#define COMMAND(name, usage, needs, operands, help)                                                \
    {#name, usage, help, needs, operands, cmd_##name},
#include "cmd/commands.def"
#undef COMMAND
};
enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

int
cmd_fail (int status, const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    fputs ("kask-adapter: ", stderr);
    vfprintf (stderr, format, arguments);
    fputc ('\n', stderr);
    va_end (arguments);
    return status;
}

settings_t *
cmd_settings (const cmd_words_t *words)
{
    char problem[SETTINGS_PROBLEM_BYTES];
    settings_t *settings = settings_read (words->config, desk_settings (), problem);
    if (!settings)
        cmd_fail (EX_CONFIG, "%s", problem);
    return settings;
}

static int
command_help (const cmd_t *command)
{
    printf ("  kask-adapter %s %s\n        %s\n", command->name, command->usage, command->help);
    return EX_OK;
}

static int
help (void)
{
    puts ("kask-adapter joins one partner's system to the network.\n");
    for (int i = 0; i < N_COMMANDS; i++)
        (void) command_help (&commands[i]);
    puts ("\n  kask-adapter --help-config\n        prints every key of the configuration, with "
          "help and default\n"
          "\nman kask-adapter, and ADAPTERS.md for what stands in a partner's folder.");
    return EX_OK;
}

static const cmd_t *
command_find (const char *name)
{
    for (int i = 0; i < N_COMMANDS; i++)
        if (strcmp (commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static const struct option options[] = {
    {"state", required_argument, NULL, 's'},
    {"partner", required_argument, NULL, 'p'},
    {"name", required_argument, NULL, 'n'},
    {"country", required_argument, NULL, 'c'},
    {"config", required_argument, NULL, 'f'},
    {"deadline", required_argument, NULL, 'd'},
    {"once", no_argument, NULL, 'o'},
    {"accept", no_argument, NULL, 'a'},
    {"help", no_argument, NULL, 'h'},
    {"identity", no_argument, NULL, 'i'},
    {NULL, 0, NULL, 0},
};

static bool
take_option (cmd_words_t *words, int letter)
{
    switch (letter) {
    case 's': words->state = optarg; return true;
    case 'p': words->partner = optarg; return true;
    case 'n': words->name = optarg; return true;
    case 'c': words->country = optarg; return true;
    case 'f': words->config = optarg; return true;
    case 'd': words->deadline = optarg; return true;
    case 'o': words->once = 1; return true;
    case 'a': words->accept = 1; return true;
    case 'i': words->identity = 1; return true;
    default: return false;
    }
}

static bool
has_needed (const cmd_t *command, const cmd_words_t *words)
{
    for (const char *need = command->needs; *need; need++) {
        const char *given = *need == 's'   ? words->state
                            : *need == 'p' ? words->partner
                            : *need == 'n' ? words->name
                            : *need == 'c' ? words->country
                                           : words->config;
        if (!given)
            return false;
    }
    return true;
}

static int
usage (const cmd_t *command, const char *what, const char *subject)
{
    return cmd_fail (EX_USAGE, "%s: %s; nothing was done; usage: kask-adapter %s %s", subject, what,
                     command->name, command->usage);
}

static int
run (const cmd_t *command, int argc, char **argv)
{
    cmd_words_t words = {0};
    int letter;
    opterr = 0;
    while ((letter = getopt_long (argc, argv, "", options, NULL)) != -1) {
        if (letter == 'h')
            return command_help (command);
        if (!take_option (&words, letter))
            return usage (command, "no such option, or without its value", argv[optind - 1]);
    }
    int given = argc - optind;
    if (given > command->operands)
        return usage (command, "a word too many", argv[optind + command->operands]);
    if (given < command->operands || !has_needed (command, &words))
        return usage (command, "something is missing", command->name);
    for (int i = 0; i < given && i < 2; i++)
        words.words[i] = argv[optind + i];
    return command->run (&words);
}

int
main (int argc, char **argv)
{
    // Bodies of some MiB come and go in several threads: each as a mapping of its own, which is
    // given back at once.  glibc would raise the threshold and keep them in its heaps.
    mallopt (M_MMAP_THRESHOLD, 128 * 1024);
    const char *name = argc > 1 ? argv[1] : "--help";
    xmlInitParser (); // before there are threads
    if (strcmp (name, "--help") == 0 || strcmp (name, "help") == 0)
        return help ();
    if (strcmp (name, "--version") == 0)
        return puts ("kask-adapter " PACKAGE_VERSION) < 0;
    if (strcmp (name, "--help-config") == 0) {
        settings_print_example (desk_settings (), stdout);
        return EX_OK;
    }
    const cmd_t *command = command_find (name);
    if (!command)
        return cmd_fail (EX_USAGE, "there is no command \"%s\"; kask-adapter --help lists them",
                         name);
    return run (command, argc - 1, argv + 1);
}
