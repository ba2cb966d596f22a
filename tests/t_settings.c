/*
 * t_settings - configuration files, good and bad.
 */
#include "settings.h"
#include "tap.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

static const setting_t table[] = {
    {"", "name", SETTING_TEXT, NULL, "the name"},
    {"", "state", SETTING_PATH, "var/state", "where it is kept"},
    {"", "greeting", SETTING_TEXT, "hello", "what is said"},
    {"", "loud", SETTING_FLAG, "no", "shout"},
    {"", "wait", SETTING_DURATION, "10 s", "how long"},
    {"", "most", SETTING_BYTES, "64 KiB", "how much"},
    {"", "tries", SETTING_COUNT, "3", "how often"},
    {"", "endpoint", SETTING_LIST, "tcp://one", "where to"},
    {"source", "folder", SETTING_PATH, NULL, "what is read"},
    {"source", "every", SETTING_DURATION, "5 min", "how often it is read"},
    {"format", "type", SETTING_TEXT, "csv", "which format"},
    {"format", "*", SETTING_TEXT, "", "options of the format"},
    {NULL, NULL, SETTING_TEXT, NULL, NULL},
};

static char folder[] = "/tmp/t_settings.XXXXXX";
static char path[64];
static char problem[SETTINGS_PROBLEM_BYTES];

static settings_t *
read_bytes (const char *text, size_t size)
{
    FILE *file = fopen (path, "w");
    assert (file);
    fwrite (text, 1, size, file);
    fclose (file);
    problem[0] = '\0';
    return settings_read (path, table, problem);
}

static settings_t *
read_text (const char *text)
{
    return read_bytes (text, strlen (text));
}

static void
is_path (const char *got, const char *want, const char *name)
{
    char whole[128];
    snprintf (whole, sizeof whole, "%s/%s", folder, want);
    is_text (got, whole, name);
}

static void
defaults_hold (void)
{
    settings_t *settings = read_text ("name = x\n");
    is_text (settings_text (settings, "", "name"), "x", "what was written");
    is_text (settings_text (settings, "", "greeting"), "hello", "a default text");
    is_path (settings_text (settings, "", "state"), "var/state", "a default path");
    ok (!settings_flag (settings, "", "loud"), "a default flag");
    is_int (settings_number (settings, "", "wait"), 10000, "a default time in ms");
    is_int (settings_number (settings, "", "most"), 65536, "a default size in bytes");
    is_text (settings_list (settings, "", "endpoint", 0), "tcp://one", "a default list");
    ok (!settings_list (settings, "", "endpoint", 1), "of one");
    ok (!settings_section (settings, "source", 0), "no section of a kind");
    is_text (settings_text (settings, "source none", "folder"), "", "nor what stands in it");
    settings_destroy (&settings);
    ok (!settings, "and it is gone");
}

static const char good[] = "\xef\xbb\xbf# a comment\r\n"
                           "name = Erhvervshus # behind a space\r\n"
                           "greeting = \"a \\\"b\\\" \\\\ # c \"  # and this\n"
                           "state = /var/lib/x\n"
                           "  loud=yes\n"
                           "wait = 2 h\n"
                           "tries = 0\n"
                           "endpoint = tcp://a#b\n"
                           "endpoint = \"tcp://c\"\n"
                           "[source csv-list]\n"
                           "folder = out box\n"
                           "every = 250ms\n"
                           "[source   \t b ]\n"
                           "folder = ../b\n"
                           "[format csv]  # options\n"
                           "delimiter = ;\n"
                           "quote = \"\\\"\"\n"
                           "type = csv";

static void
what_is_written_is_read (void)
{
    settings_t *settings = read_text (good);
    if (!ok (settings != NULL, "a good file"))
        printf ("# %s\n", problem);
    is_text (settings_text (settings, "", "name"), "Erhvervshus", "a comment is cut");
    is_text (settings_text (settings, "", "greeting"), "a \"b\" \\ # c ", "quotes keep all");
    is_text (settings_text (settings, "", "state"), "/var/lib/x", "a whole path");
    ok (settings_flag (settings, "", "loud"), "a flag");
    is_int (settings_number (settings, "", "wait"), 7200000, "two hours");
    is_text (settings_list (settings, "", "endpoint", 0), "tcp://a#b", "# inside a word");
    is_text (settings_list (settings, "", "endpoint", 1), "tcp://c", "a list's second");
    ok (!settings_list (settings, "", "endpoint", 2), "and its end");
    is_text (settings_section (settings, "source", 0), "source csv-list", "a section");
    is_text (settings_section (settings, "source", 1), "source b", "with one space in its name");
    ok (!settings_section (settings, "source", 2), "and no third");
    is_path (settings_text (settings, "source csv-list", "folder"), "out box", "a path beside");
    is_int (settings_number (settings, "source b", "every"), 300000, "a section's default");
    is_int (settings_number (settings, "source csv-list", "every"), 250, "a section's own");
    is_text (settings_key (settings, "format csv", 0), "delimiter", "keys of the others' choice");
    is_text (settings_key (settings, "format csv", 1), "quote", "in their order");
    ok (!settings_key (settings, "format csv", 2), "without those of the table");
    is_text (settings_text (settings, "format csv", "quote"), "\"", "and their values");
    is_text (settings_text (settings, "format csv", "none"), "", "and their default");
    settings_destroy (&settings);
}

static const struct {
    const char *text;
    const char *line;
    const char *says;
} bad[] = {
    {"", "1", "name must be given at the top"},
    {"name =\n", "1", "name must be given"},
    {"name = x\nname = y\n", "2", "given twice, first in line 1"},
    {"name = x\nvolume = 3\n", "2", "no key \"volume\" is known at the top"},
    {"name = x\n* = 3\n", "2", "no key \"*\""},
    {"name = x\nloud = perhaps\n", "2", "loud must be yes or no"},
    {"name = x\nwait = 10\n", "2", "wait must be a time"},
    {"name = x\nwait = 10 weeks\n", "2", "wait must be a time"},
    {"name = x\nmost = -1\n", "2", "most must be a size"},
    {"name = x\nmost = 9007199254740993\n", "2", "most must be a size"},
    {"name = x\ntries = 3.5\n", "2", "tries must be a whole number"},
    {"name = x\nendpoint =\n", "2", "endpoint must be not empty"},
    {"name = x\ngreeting = \"open\n", "2", "closing quote"},
    {"name = x\ngreeting = \"a\" b\n", "2", "behind the value's closing quote"},
    {"name = x\ngreeting = \"a\\t\"\n", "2", "inside quotes only"},
    {"name = x\ngarbage\n", "2", "neither \"key = value\""},
    {"name = x\n= y\n", "2", "no key before the ="},
    {"name = x\n[source a\n", "2", "section's ] is missing"},
    {"name = x\n[source a] folder = b\n", "2", "behind the section's ]"},
    {"name = x\n[]\n", "2", "no section [] is known"},
    {"name = x\n[sources]\n", "2", "no section [sources] is known"},
    {"name = x\n[source a]\nfolder = b\n[source a]\n", "4", "given twice, first in line 2"},
    {"name = x\n[source a]\nevery = 1 s\n", "2", "folder must be given in [source a]"},
    {"name = x\n[source a]\nfolder = b\ntype = c\n", "4", "is known in [source a]"},
    {"name = \xe5\n", "1", "not UTF-8"},
    {"name = a\x01z\n", "1", "control character"},
};

static void
mistakes_are_named (void)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        settings_t *settings = read_text (bad[i].text);
        char where[96];
        snprintf (where, sizeof where, "%s:%s: ", path, bad[i].line);
        bool named = strncmp (problem, where, strlen (where)) == 0 &&
                     strstr (problem, bad[i].says) && strstr (problem, "; nothing was read; ");
        if (!ok (!settings && named, bad[i].says))
            printf ("# %s\n", problem);
        settings_destroy (&settings);
    }
}

static void
files_that_are_none_are_refused (void)
{
    ok (!settings_read ("/nowhere/kask.conf", table, problem), "a file that is not there");
    ok (strstr (problem, "/nowhere/kask.conf: cannot be read") != NULL, "by its name");
    ok (!settings_read (folder, table, problem), "a folder");
    ok (!read_bytes ("name = x\0y\n", 11), "a NUL byte");
    ok (strstr (problem, "NUL") != NULL, "by its name");
    size_t size = (1 << 20) + 1;
    char *large = malloc (size);
    assert (large);
    memset (large, '\n', size);
    ok (!read_bytes (large, size), "a file over the limit");
    ok (strstr (problem, "larger than 1 MiB") != NULL, "by the limit");
    free (large);
}

static void
a_long_problem_is_cut (void)
{
    char text[1200] = "name = x\n";
    memset (text + 9, 'k', 1000);
    strcpy (text + 1009, " = y\n");
    ok (!read_text (text) && strlen (problem) == SETTINGS_PROBLEM_BYTES - 1, "not overrun");
}

// Turns the line "key =" into "key=x".
static bool
fill_in (char *text, const char *line)
{
    char *found = strstr (text, line);
    if (!found)
        return false;
    char *end = found + strlen (line);
    end[-3] = '=';
    end[-2] = 'x';
    return true;
}

// A program of a reader's own: the example with its one open value filled in.
static void
the_example_can_be_read (void)
{
    char *text;
    size_t size;
    FILE *out = open_memstream (&text, &size);
    settings_print_example (table, out);
    fclose (out);
    ok (strstr (text, "\n[source]\n") != NULL, "sections stand in it");
    ok (strstr (text, "\n# how long\n# (time: ") != NULL, "and help with types");
    ok (strstr (text, "\n#wait = 10 s\n") != NULL, "and defaults");
    ok (fill_in (text, "\nname =\n") && fill_in (text, "\nfolder =\n"), "and what must be given");
    settings_t *settings = read_bytes (text, size);
    if (!ok (settings != NULL, "filled in, it is a configuration"))
        printf ("# %s\n", problem);
    settings_destroy (&settings);
    free (text);
}

int
main (void)
{
    if (!mkdtemp (folder))
        return 1;
    snprintf (path, sizeof path, "%s/kask.conf", folder);
    defaults_hold ();
    what_is_written_is_read ();
    mistakes_are_named ();
    files_that_are_none_are_refused ();
    a_long_problem_is_cut ();
    the_example_can_be_read ();
    unlink (path);
    rmdir (folder);
    return tap_end ();
}
