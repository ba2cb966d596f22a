/*
 * main - kaskd's command line.
 */
#include "checkup.h"
#include "keypair.h"
#include "log.h"
#include "loop.h"
#include "settings.h"

#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2, EXIT_CONFIGURATION = 3 };

static const setting_t table[] = {
#define SETTING(name, type, value, help) {"", #name, SETTING_##type, value, help},
#include "settings.def"
#undef SETTING
    {NULL, NULL, SETTING_TEXT, NULL, NULL},
};

static void
print_help (void)
{
    puts (
        "kaskd - the broker of the kask network\n"
        "\n"
        "  kaskd --config FILE          run, until SIGTERM\n"
        "  kaskd --config FILE --check  say whether configuration, keys and database are right\n"
        "  kaskd --make-keys FILE       make the broker's key pair\n"
        "  kaskd --help-config          print an example configuration\n"
        "  kaskd --version\n"
        "\n"
        "Exit codes: 0 good, 1 could not start, 2 wrong usage, 3 the check found something.\n"
        "\n"
        "Example:\n"
        "  kaskd --make-keys /etc/kask/broker.key && kaskd --config /etc/kask/kaskd.conf --check");
}

static int
make_keys (const char *path)
{
    keypair_t keys;
    char problem[KEYPAIR_PROBLEM_BYTES];
    if (!keypair_make (path, &keys, problem)) {
        fprintf (stderr, "kaskd: %s\n", problem);
        return EXIT_FAILURE;
    }
    printf ("%s\n", keys.public_text);
    sodium_memzero (&keys, sizeof keys);
    return EXIT_SUCCESS;
}

static bool
set_log_level (const settings_t *settings)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    const char *wanted = settings_text (settings, "", "log_level");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp (wanted, names[i]) == 0) {
            log_set_level ((log_level_t) i);
            return true;
        }
    fprintf (stderr, "kaskd: log_level = %s is none of error, warning, info, debug\n", wanted);
    return false;
}

static int
check (const settings_t *settings)
{
    char problem[CHECKUP_PROBLEM_BYTES];
    if (checkup_database (settings_text (settings, "", "database"), problem) != CHECKUP_GOOD) {
        fprintf (stderr, "kaskd: %s\n", problem);
        return EXIT_CONFIGURATION;
    }
    puts ("configuration, keys, database, schema version and durability settings are right");
    return EXIT_SUCCESS;
}

static int
run (const settings_t *settings, const keypair_t *keys)
{
    char problem[CHECKUP_PROBLEM_BYTES];
    checkup_t found = checkup_database (settings_text (settings, "", "database"), problem);
    if (found == CHECKUP_WRONG) {
        fprintf (stderr, "kaskd: %s\n", problem);
        return EXIT_CONFIGURATION;
    }
    if (found == CHECKUP_ABSENT)
        log_warning ("main: %s; starting all the same, it may come later", problem);
    loop_t *loop = loop_new (settings, keys, problem);
    if (!loop) {
        fprintf (stderr, "kaskd: %s\n", problem);
        return EXIT_FAILURE;
    }
    loop_run (loop);
    loop_destroy (&loop);
    return EXIT_SUCCESS;
}

static int
configured (const char *path, bool only_check)
{
    char problem[SETTINGS_PROBLEM_BYTES], key_problem[KEYPAIR_PROBLEM_BYTES];
    settings_t *settings = settings_read (path, table, problem);
    if (!settings) {
        fprintf (stderr, "kaskd: %s\n", problem);
        return EXIT_CONFIGURATION;
    }
    keypair_t keys;
    int code = EXIT_CONFIGURATION;
    if (!keypair_read (settings_text (settings, "", "keys"), &keys, key_problem))
        fprintf (stderr, "kaskd: %s\n", key_problem);
    else if (set_log_level (settings))
        code = only_check ? check (settings) : run (settings, &keys);
    sodium_memzero (&keys, sizeof keys);
    settings_destroy (&settings);
    return code;
}

static int
usage_error (const char *what, const char *word)
{
    fprintf (stderr, "kaskd: %s%s; nothing was started; see kaskd --help\n", what, word);
    return EXIT_USAGE;
}

typedef struct {
    const char *config;
    const char *make_keys;
    bool check;
    int only; // an option that needs nothing else
} arguments_t;

// EXIT_SUCCESS, or how to exit where something is no option of ours.
static int
arguments_read (arguments_t *to, int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"check", no_argument, NULL, 'k'},
                                            {"make-keys", required_argument, NULL, 'm'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"help-config", no_argument, NULL, 'e'},
                                            {"version", no_argument, NULL, 'V'},
                                            {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long (argc, argv, ":", options, NULL)) != -1)
        switch (option) {
        case 'c': to->config = optarg; break;
        case 'm': to->make_keys = optarg; break;
        case 'k': to->check = true; break;
        case 'h':
        case 'e':
        case 'V': to->only = option; break;
        case ':': return usage_error ("a file is missing behind ", argv[optind - 1]);
        default: return usage_error ("no such option: ", argv[optind - 1]);
        }
    return optind == argc ? EXIT_SUCCESS : usage_error ("no such option: ", argv[optind]);
}

int
main (int argc, char **argv)
{
    arguments_t arguments = {0};
    int code = arguments_read (&arguments, argc, argv);
    if (code != EXIT_SUCCESS)
        return code;
    if (sodium_init () < 0)
        abort ();
    switch (arguments.only) {
    case 'h': print_help (); return EXIT_SUCCESS;
    case 'e': settings_print_example (table, stdout); return EXIT_SUCCESS;
    case 'V': puts ("kaskd " PACKAGE_VERSION); return EXIT_SUCCESS;
    default: break;
    }
    if (arguments.make_keys)
        return make_keys (arguments.make_keys);
    if (!arguments.config)
        return usage_error ("--config FILE is missing", "");
    return configured (arguments.config, arguments.check);
}
