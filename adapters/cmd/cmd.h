/*
 * cmd - the commands of kask-adapter.
 *
 * Each has a file of its own and gives the program's exit status (sysexits.h).
 */
#ifndef KASK_CMD_H
#define KASK_CMD_H

#include "settings.h"

#include <stddef.h>

// What may stand on the command line.  Texts are borrowed; NULL: not given.
typedef struct {
    const char *state, *partner, *name, *country, *config, *deadline;
    int once, accept, identity;
    const char *words[2]; // operands
} cmd_words_t;

// One row of the table, commands.def.
typedef struct {
    const char *name;
    const char *usage; // behind the name
    const char *help;
    const char
        *needs;   // the options that must be given: s(tate) p(artner) n(ame) c(ountry) f (config)
    int operands; // that must be given
    int (*run) (const cmd_words_t *words);
} cmd_t;

int cmd_init (const cmd_words_t *words);
int cmd_request (const cmd_words_t *words);
int cmd_join (const cmd_words_t *words);
int cmd_fingerprint (const cmd_words_t *words);
int cmd_rotate (const cmd_words_t *words);
int cmd_recover (const cmd_words_t *words);
int cmd_pin (const cmd_words_t *words);
int cmd_unpin (const cmd_words_t *words);
int cmd_partners (const cmd_words_t *words);
int cmd_check (const cmd_words_t *words);
int cmd_confirm (const cmd_words_t *words);
int cmd_status (const cmd_words_t *words);
int cmd_run (const cmd_words_t *words);

// Says "kask-adapter: …" on standard error, and gives `status` back.
int cmd_fail (int status, const char *format, ...) __attribute__ ((format (printf, 2, 3)));
// The settings of --config, or NULL, and it was said why.
settings_t *cmd_settings (const cmd_words_t *words);

#endif
