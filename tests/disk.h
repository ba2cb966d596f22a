/*
 * disk - SQLite's disk, whose power can be cut and which can be full.
 *
 * A VFS over the usual one.  It knows what of each file was synced; what was only written is
 * lost when the power is cut, or lost in part.  Nothing is really synced, so it is quick.
 *
 * One disk a process; what lies in one folder has the power supply that is cut.
 */
#ifndef KASK_TEST_DISK_H
#define KASK_TEST_DISK_H

#include <stdbool.h>

// SQLite's default from now on.
void disk_install (void);

// From now on `dir` (borrowed) is on the supply that is cut at its nth point, 0: never.  All that
// was written before counts as synced.
void disk_watch (const char *dir, int nth);
// A point: each sync is one, before it has its effect, and whatever the test calls one.
void disk_point (void);
bool disk_has_power (void);
// With all files of the folder closed: power is there again.  What was written and not synced
// is lost; with a seed other than 0 a part of it, sector by sector, is not.
void disk_restore (unsigned seed);

// What was written until now counts as synced: another process wrote and synced some of it.  From
// any thread.
void disk_count_as_synced (void);

// The power is cut now, and for good: the files are what was synced of them.  The caller ends the
// process.  From any thread.
void disk_lose (void);

// Files that grow are refused, in the folder watched.
void disk_fill (bool full);

#endif
