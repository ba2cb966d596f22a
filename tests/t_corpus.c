/*
 * t_corpus - every file of the fuzz targets' corpora goes through its target.
 */
#include "fuzz.h"
#include "tap.h"

#include <dirent.h>
#include <sodium.h>
#include <stdlib.h>

enum { FILE_BYTES = 1 << 20 };

static const struct {
    const char *name;
    fuzz_fn *run;
} targets[] = {
#define TARGET(name) {#name, fuzz_##name},
#include "targets.def"
#undef TARGET
};

static bool
run_file (fuzz_fn *run, const char *path)
{
    FILE *file = fopen (path, "re");
    uint8_t *data = malloc (FILE_BYTES);
    bool good = file && data;
    if (good) {
        size_t size = fread (data, 1, FILE_BYTES, file);
        printf ("# %s\n", path); // which one it was, if it ends here
        fflush (stdout);
        run (data, size);
    }
    if (file)
        fclose (file);
    free (data);
    return good;
}

static void
a_corpus_goes_through (const char *name, fuzz_fn *run)
{
    char folder[400], path[700];
    snprintf (folder, sizeof folder, "%s/tests/fuzz/corpus/%s", KASK_SRCDIR, name);
    DIR *files = opendir (folder);
    size_t count = 0;
    const struct dirent *entry;
    while (files && (entry = readdir (files))) {
        snprintf (path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.' && run_file (run, path))
            count++;
    }
    if (files)
        closedir (files);
    ok (count > 0, name);
}

int
main (void)
{
    if (sodium_init () < 0)
        return 1;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        a_corpus_goes_through (targets[i].name, targets[i].run);
    return tap_end ();
}
