/*
 * fuzz_settings - a configuration file of any bytes.
 *
 * What was read can be asked for, every key of it, without a failing assert.
 */
#include "fuzz.h"
#include "settings.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const setting_t table[] = {
    {"", "partner", SETTING_TEXT, "", "A name."},
    {"", "state", SETTING_PATH, "var", "A folder."},
    {"", "check", SETTING_FLAG, "no", "A flag."},
    {"", "count", SETTING_COUNT, "7", "A count."},
    {"", "endpoint", SETTING_LIST, "", "A list."},
    {"source", "every", SETTING_DURATION, "5 min", "A time."},
    {"source", "size", SETTING_BYTES, "64 KiB", "A size."},
    {"source", "read", SETTING_TEXT, NULL, "A text that must be given."},
    {"format", "*", SETTING_TEXT, "", "Any key."},
    {NULL, NULL, SETTING_TEXT, NULL, NULL},
};

static void
ask (const settings_t *settings)
{
    const char *section, *key;
    assert (settings_text (settings, "", "partner") && settings_text (settings, "", "state"));
    assert (settings_number (settings, "", "count") >= 0);
    (void) settings_flag (settings, "", "check");
    for (size_t i = 0; settings_list (settings, "", "endpoint", i); i++)
        assert (*settings_list (settings, "", "endpoint", i));
    for (size_t i = 0; (section = settings_section (settings, "source", i)); i++) {
        assert (settings_number (settings, section, "every") >= 0);
        assert (settings_number (settings, section, "size") >= 0);
        assert (*settings_text (settings, section, "read"));
    }
    for (size_t i = 0; (section = settings_section (settings, "format", i)); i++)
        for (size_t k = 0; (key = settings_key (settings, section, k)); k++)
            assert (settings_text (settings, section, key));
}

FUZZ (settings)
{
    char path[32], problem[SETTINGS_PROBLEM_BYTES] = "";
    int fd = memfd_create ("settings", MFD_CLOEXEC);
    assert (fd >= 0 && write (fd, data, size) == (ssize_t) size);
    snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
    settings_t *settings = settings_read (path, table, problem);
    assert ((settings != NULL) == (problem[0] == '\0'));
    if (settings)
        ask (settings);
    settings_destroy (&settings);
    close (fd);
    return 0;
}
