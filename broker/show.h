/*
 * show - a reply for people (aligned tables), or for programs (JSON).
 */
#ifndef KASK_SHOW_H
#define KASK_SHOW_H

#include "control.pb-c.h"

#include <stdio.h>

// `width` is the terminal's, 0: as wide as it comes.  Columns of text that do not fit are cut
// and end in an ellipsis; numbers never are.
void show_tables (const Kask__ControlReply *reply, int width, FILE *out);

// One object: each table under its name, a list as an array of objects and a record as
// an object; then exit_code, and text and note where there are any.
void show_json (const Kask__ControlReply *reply, FILE *out);

// Columns that the text takes on a terminal, in the locale's encoding.
int show_width (const char *text);

#endif
