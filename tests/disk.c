/*
 * disk - SQLite's disk, whose power can be cut and which can be full.
 *
 * Of each file watched there is an image: its bytes as last synced.  Without power
 * every write fails, so that the program ends as if it were not there any more.  A file
 * that is deleted keeps its image until the new one of that name is synced, as a folder does
 * that was not synced.
 *
 * Images are read by a descriptor that stays open: to close one gives up all locks that the process
 * has on the file, and another process would take itself for the last that has it open.
 */
#include "disk.h"

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IMAGES = 8, SECTOR = 512 };

typedef struct {
    char path[300];
    int fd; // of the file as it was opened last; -1: none
    bool exists;
    unsigned char *bytes;
    size_t size;
} image_t;

typedef struct {
    sqlite3_file base;
    const char *path; // SQLite's, good while the file is open
    sqlite3_file *real;
} file_t;

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    const char *dir;
    image_t images[IMAGES];
    size_t n_images;
    int points_left;
    bool dead;
    bool full;
    pthread_mutex_t lock; // held while a file is read, or it or an image changes
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER};

// ---------------------------------------------------------------- images

static bool
is_watched (const char *path)
{
    return disk.dir && path && strncmp (path, disk.dir, strlen (disk.dir)) == 0;
}

static image_t *
image_require (const char *path)
{
    for (size_t i = 0; i < disk.n_images; i++)
        if (strcmp (disk.images[i].path, path) == 0)
            return &disk.images[i];
    assert (disk.n_images < IMAGES);
    image_t *image = &disk.images[disk.n_images++];
    snprintf (image->path, sizeof image->path, "%s", path);
    image->fd = -1;
    return image;
}

// Opens the file that has the path now, if that is another one.
static bool
image_open (image_t *image)
{
    struct stat named, opened;
    if (stat (image->path, &named) != 0)
        return false;
    if (image->fd >= 0 && fstat (image->fd, &opened) == 0 && opened.st_ino == named.st_ino)
        return true;
    if (image->fd >= 0)
        close (image->fd);
    image->fd = open (image->path, O_RDONLY | O_CLOEXEC);
    return image->fd >= 0;
}

// The file's bytes as they are now; NULL where there is no file.
static unsigned char *
image_read (image_t *image, size_t *size_p)
{
    struct stat stat;
    *size_p = 0;
    if (!image_open (image) || fstat (image->fd, &stat) != 0)
        return NULL;
    unsigned char *bytes = malloc ((size_t) stat.st_size + 1);
    assert (bytes);
    ssize_t n = pread (image->fd, bytes, (size_t) stat.st_size, 0);
    assert (n >= 0);
    *size_p = (size_t) n;
    return bytes;
}

static void
image_take (image_t *image)
{
    free (image->bytes);
    image->bytes = image_read (image, &image->size);
    image->exists = image->bytes != NULL;
}

static void
image_write (const image_t *image)
{
    if (!image->exists) {
        unlink (image->path);
        return;
    }
    FILE *file = fopen (image->path, "wb");
    assert (file);
    size_t n = fwrite (image->bytes, 1, image->size, file);
    assert (n == image->size);
    fclose (file);
}

// Each sector of what was written since is there, or is not.
static void
image_mix (image_t *image, unsigned *dice)
{
    size_t size;
    unsigned char *now = image_read (image, &size);
    if (!now)
        return;
    size_t most = size > image->size ? size : image->size;
    image->bytes = realloc (image->bytes, most + 1);
    assert (image->bytes);
    memset (image->bytes + image->size, 0, most - image->size);
    for (size_t at = 0; at < size; at += SECTOR) {
        size_t n = size - at < SECTOR ? size - at : SECTOR;
        *dice = *dice * 1103515245u + 12345u;
        if (*dice >> 16 & 1) {
            memcpy (image->bytes + at, now + at, n);
            image->size = at + n > image->size ? at + n : image->size;
            image->exists = true;
        }
    }
    free (now);
}

// ---------------------------------------------------------------- power

void
disk_point (void)
{
    if (disk.points_left > 0 && --disk.points_left == 0)
        disk.dead = true;
}

bool
disk_has_power (void)
{
    return !disk.dead;
}

static void
forget_images (void)
{
    for (size_t i = 0; i < disk.n_images; i++) {
        free (disk.images[i].bytes);
        if (disk.images[i].fd >= 0)
            close (disk.images[i].fd);
    }
    memset (disk.images, 0, sizeof disk.images);
    disk.n_images = 0;
}

void
disk_watch (const char *dir, int nth)
{
    char path[300];
    forget_images ();
    disk.dir = dir;
    disk.points_left = nth;
    disk.dead = disk.full = false;
    for (int i = 0; dir && i < 2; i++) {
        snprintf (path, sizeof path, "%s/kask.db%s", dir, i ? "-wal" : "");
        image_take (image_require (path));
    }
}

void
disk_restore (unsigned seed)
{
    char shm[300];
    for (size_t i = 0; i < disk.n_images; i++) {
        if (seed)
            image_mix (&disk.images[i], &seed);
        image_write (&disk.images[i]);
    }
    snprintf (shm, sizeof shm, "%s/kask.db-shm", disk.dir);
    unlink (shm);
    disk.dead = false;
    disk.points_left = 0;
}

void
disk_count_as_synced (void)
{
    pthread_mutex_lock (&disk.lock);
    for (size_t i = 0; i < disk.n_images; i++)
        image_take (&disk.images[i]);
    pthread_mutex_unlock (&disk.lock);
}

void
disk_lose (void)
{
    pthread_mutex_lock (&disk.lock);
    for (size_t i = 0; i < disk.n_images; i++)
        image_write (&disk.images[i]);
}

void
disk_fill (bool full)
{
    disk.full = full;
}

// ---------------------------------------------------------------- files

static sqlite3_file *
real_of (sqlite3_file *file)
{
    return ((file_t *) file)->real;
}

static bool
is_dead (sqlite3_file *file)
{
    return disk.dead && is_watched (((file_t *) file)->path);
}

static int
file_close (sqlite3_file *file)
{
    sqlite3_file *real = real_of (file);
    int code = real->pMethods ? real->pMethods->xClose (real) : SQLITE_OK;
    free (real);
    return code;
}

static int
file_read (sqlite3_file *file, void *data, int size, sqlite3_int64 at)
{
    pthread_mutex_lock (&disk.lock);
    int code = real_of (file)->pMethods->xRead (real_of (file), data, size, at);
    pthread_mutex_unlock (&disk.lock);
    return code;
}

static int
file_write (sqlite3_file *file, const void *data, int size, sqlite3_int64 at)
{
    sqlite3_int64 present = 0;
    if (is_dead (file))
        return SQLITE_IOERR_WRITE;
    real_of (file)->pMethods->xFileSize (real_of (file), &present);
    if (disk.full && is_watched (((file_t *) file)->path) && at + size > present)
        return SQLITE_FULL;
    pthread_mutex_lock (&disk.lock);
    int code = real_of (file)->pMethods->xWrite (real_of (file), data, size, at);
    pthread_mutex_unlock (&disk.lock);
    return code;
}

static int
file_truncate (sqlite3_file *file, sqlite3_int64 size)
{
    if (is_dead (file))
        return SQLITE_IOERR_TRUNCATE;
    pthread_mutex_lock (&disk.lock);
    int code = real_of (file)->pMethods->xTruncate (real_of (file), size);
    pthread_mutex_unlock (&disk.lock);
    return code;
}

static int
file_sync (sqlite3_file *file, int flags)
{
    (void) flags;
    const char *path = ((file_t *) file)->path;
    if (!is_watched (path))
        return SQLITE_OK;
    disk_point ();
    if (disk.dead)
        return SQLITE_IOERR_FSYNC;
    pthread_mutex_lock (&disk.lock);
    image_take (image_require (path));
    pthread_mutex_unlock (&disk.lock);
    return SQLITE_OK;
}

static int
file_size (sqlite3_file *file, sqlite3_int64 *size)
{
    return real_of (file)->pMethods->xFileSize (real_of (file), size);
}

static int
file_lock (sqlite3_file *file, int lock)
{
    return real_of (file)->pMethods->xLock (real_of (file), lock);
}

static int
file_unlock (sqlite3_file *file, int lock)
{
    return real_of (file)->pMethods->xUnlock (real_of (file), lock);
}

static int
file_check_lock (sqlite3_file *file, int *result)
{
    return real_of (file)->pMethods->xCheckReservedLock (real_of (file), result);
}

static int
file_control (sqlite3_file *file, int what, void *arg)
{
    return real_of (file)->pMethods->xFileControl (real_of (file), what, arg);
}

static int
file_sector_size (sqlite3_file *file)
{
    return real_of (file)->pMethods->xSectorSize (real_of (file));
}

static int
file_characteristics (sqlite3_file *file)
{
    return real_of (file)->pMethods->xDeviceCharacteristics (real_of (file));
}

static int
file_shm_map (sqlite3_file *file, int page, int size, int extend, void volatile **bytes)
{
    return real_of (file)->pMethods->xShmMap (real_of (file), page, size, extend, bytes);
}

static int
file_shm_lock (sqlite3_file *file, int offset, int n, int flags)
{
    return real_of (file)->pMethods->xShmLock (real_of (file), offset, n, flags);
}

static void
file_shm_barrier (sqlite3_file *file)
{
    real_of (file)->pMethods->xShmBarrier (real_of (file));
}

static int
file_shm_unmap (sqlite3_file *file, int remove)
{
    return real_of (file)->pMethods->xShmUnmap (real_of (file), remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

// ---------------------------------------------------------------- the VFS

static int
disk_open (sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *flags_p)
{
    (void) vfs;
    file_t *self = (file_t *) file;
    *self = (file_t){.path = path, .real = calloc (1, (size_t) disk.real->szOsFile)};
    assert (self->real);
    int code = disk.real->xOpen (disk.real, path, self->real, flags, flags_p);
    if (code == SQLITE_OK)
        self->base.pMethods = &methods;
    else
        free (self->real);
    return code;
}

static int
disk_delete (sqlite3_vfs *vfs, const char *path, int sync)
{
    (void) vfs;
    if (disk.dead && is_watched (path))
        return SQLITE_IOERR_DELETE;
    pthread_mutex_lock (&disk.lock);
    int code = disk.real->xDelete (disk.real, path, 0);
    if (sync && is_watched (path))
        image_take (image_require (path));
    pthread_mutex_unlock (&disk.lock);
    return code;
}

void
disk_install (void)
{
    disk.real = sqlite3_vfs_find (NULL);
    disk.vfs = *disk.real;
    disk.vfs.zName = "kask-test-disk";
    disk.vfs.szOsFile = sizeof (file_t);
    disk.vfs.xOpen = disk_open;
    disk.vfs.xDelete = disk_delete;
    int code = sqlite3_vfs_register (&disk.vfs, 1);
    assert (code == SQLITE_OK);
}
