/*
 * control_reply - the answer to an operator's command, while it is made.
 *
 * Everything is copied in, so results and texts may go at once.
 */
#ifndef KASK_CONTROL_REPLY_H
#define KASK_CONTROL_REPLY_H

#include "command.h"
#include "control.h"

#include <libpq-fe.h>
#include <stdint.h>

typedef struct control_reply_s control_reply_t;

control_reply_t *control_reply_new (void);
void control_reply_destroy (control_reply_t **self_p);

// For standard error, and how kask exits.  A later one takes the place of an earlier.
void control_reply_say (control_reply_t *self, command_exit_t code, const char *note);
// For standard output, as it is.
void control_reply_text (control_reply_t *self, const char *text);
// A table of a result in text form.
void control_reply_rows (control_reply_t *self, const char *name, bool record,
                         const PGresult *result);
// A line of the record `name`, which is made with the first.
void control_reply_fact (control_reply_t *self, const char *name, const char *fact,
                         const char *value);
void control_reply_number (control_reply_t *self, const char *name, const char *fact,
                           int64_t value);
// An empty list `name`, shown as such if it stays so; its rows follow, a cell for each column.
void control_reply_list (control_reply_t *self, const char *name, const control_column_t *columns,
                         size_t n_columns);
void control_reply_row (control_reply_t *self, const char *const *cells);

// The frame: length and message, malloc'd; its size in *size_p.  One over
// CONTROL_REPLY_BYTES becomes a refusal that says so.
uint8_t *control_reply_frame (const control_reply_t *self, size_t *size_p);

#endif
