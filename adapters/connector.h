/*
 * connector - how the desk reaches a partner's system.
 *
 * Two kinds, `files` and `http`, behind one table of functions.  Requests and
 * responses are JSON; ADAPTERS.md fixes their members.  A connector keeps
 * nothing durable of its own: what must survive is in the desk's store or in the
 * partner's system.  Calls wait (bounded by the connector's time limits), so they are made
 * from the desk's thread, never from the one that speaks with the broker.
 */
#ifndef KASK_CONNECTOR_H
#define KASK_CONNECTOR_H

#include "problem.h"
#include "settings.h"

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    CONNECTOR_OK,
    CONNECTOR_LATER,   // the system is down, slow, or says so: the same again later; does not count
    CONNECTOR_REFUSED, // the system refuses it, and would again
    CONNECTOR_BAD      // the request is not one: the program that made it is wrong
} connector_result_t;

// The attachments of the task at hand, borrowed.
typedef struct {
    const char *name;
    const char *media_type;
    const uint8_t *bytes;
    size_t size;
} attachment_t;

// One file, or one reading, with records of a source.
typedef struct {
    const char *name; // of the file; "" for http
    jv records; // array of {"record": …} or {"problem": {…}}, with "line"; the receiver owns it
    bool complete; // it holds the whole list
    void *token;   // the connector's: what to settle
} delivery_t;

typedef struct connector_s connector_t;

struct connector_s {
    // Performs one request, which is borrowed.  *response is set (owned by the caller) if OK, and
    // with REFUSED where the system said something; *problem says what was wrong otherwise.
    connector_result_t (*perform) (connector_t *self, jv request, const attachment_t *attachments,
                                   size_t n_attachments, jv *response, problem_t *problem);
    // Performs a request, borrowed, whose response is bytes (an attachment), at most `most`
    // of them.  *bytes_p is malloc'd, the caller's.
    connector_result_t (*fetch) (connector_t *self, jv request, size_t most, uint8_t **bytes_p,
                                 size_t *size_p, problem_t *problem);
    // files: the next file of that source that is whole, or false, and *problem of scope
    // PROBLEM_NONE where simply none is there.  The delivery is good until it is settled or the
    // next call; not settled, it comes again.
    //
    // http: NULL, its sources are read by dialogues.
    bool (*next) (connector_t *self, const char *source, delivery_t *delivery, problem_t *problem);
    // files: its acts are stored: to done/, or to refused/ with `reason` beside it.
    void (*settle) (connector_t *self, delivery_t *delivery, const char *reason);
    // http: the webhooks' bodies since the last call, an array; files: NULL.
    jv (*hints) (connector_t *self);
    // files: deletes what is kept in done/ and refused/ of the case, whose consent is gone;
    // http: NULL.
    //
    // False: the problem; some of it is left, the same again later.
    bool (*forget) (connector_t *self, const char *case_id, problem_t *problem);
    // Something may have come: readable until next (for every source, files) or hints (http) is
    // asked.  -1: none.
    int (*fd) (connector_t *self);
    void (*destroy) (connector_t **self_p);
};

// NULL: *problem (PROBLEM_SETUP) says which setting is wrong.  `settings` is borrowed for
// the life of the connector; paths in it are relative to its file.
connector_t *connector_files_new (const settings_t *settings, problem_t *problem);
connector_t *connector_http_new (const settings_t *settings, problem_t *problem);

// The keys that each kind adds to the configuration's table.
extern const setting_t connector_files_settings[];
extern const setting_t connector_http_settings[];

#endif
