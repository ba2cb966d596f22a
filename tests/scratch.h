/*
 * scratch - a folder of the test's own, removed at its end.
 *
 * Paths are relative to the folder.  What cannot be done ends the test.
 */
#ifndef KASK_TEST_SCRATCH_H
#define KASK_TEST_SCRATCH_H

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch_root[200];

static inline int
scratch_remove_one (const char *path, const struct stat *status, int kind, struct FTW *at)
{
    (void) status, (void) kind, (void) at;
    return remove (path);
}

static inline void
scratch_end (void)
{
    nftw (scratch_root, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void
scratch_check (bool good, const char *what)
{
    if (good)
        return;
    printf ("Bail out! %s: %s\n", what, strerror (errno));
    exit (1);
}

static inline void
scratch_begin (void)
{
    const char *base = getenv ("TMPDIR");
    snprintf (scratch_root, sizeof scratch_root, "%s/kask-test-XXXXXX",
              base && *base ? base : "/tmp");
    scratch_check (mkdtemp (scratch_root) != NULL, scratch_root);
    atexit (scratch_end);
}

// Good until the eighth call after it.
static inline const char *
scratch_path (const char *path)
{
    static char paths[8][600];
    static unsigned turn;
    char *buffer = paths[turn++ % 8];
    snprintf (buffer, 600, "%s/%s", scratch_root, path);
    return buffer;
}

static inline void
scratch_folder (const char *path)
{
    scratch_check (mkdir (scratch_path (path), 0755) == 0 || errno == EEXIST, path);
}

static inline void
scratch_write (const char *path, const char *text)
{
    FILE *file = fopen (scratch_path (path), "w");
    scratch_check (file != NULL, path);
    fputs (text, file);
    scratch_check (fclose (file) == 0, path);
}

static inline bool
scratch_has (const char *path)
{
    struct stat status;
    return lstat (scratch_path (path), &status) == 0;
}

// The file's text, good until the next call; "(none)" where there is no file.
static inline const char *
scratch_read (const char *path)
{
    static char text[65536];
    FILE *file = fopen (scratch_path (path), "r");
    if (!file)
        return "(none)";
    size_t n = fread (text, 1, sizeof text - 1, file);
    fclose (file);
    text[n] = '\0';
    return text;
}

// Files and folders in a folder, without . and ..
static inline int
scratch_count (const char *path)
{
    DIR *folder = opendir (scratch_path (path));
    scratch_check (folder != NULL, path);
    int n = 0;
    for (const struct dirent *entry; (entry = readdir (folder));)
        n += strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0;
    closedir (folder);
    return n;
}

#endif
