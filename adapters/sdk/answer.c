/*
 * answer - what the broker said to messages, until the program has noted it.
 */
#include "answer.h"

#include "codec.h"
#include "outbox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

// What the program gets, and what belongs to it.
typedef struct given_s given_t;
struct given_s {
    kask_answer_t answer; // first, so that it can be found from it
    given_t *next;
    char *texts[4]; // recipient, act, fault, text
    Kask__Header *header;
    Kask__Standing *standing;
};

struct answers_s {
    store_t *store;
    int64_t cursor; // answers up to here were given
    given_t *given;
};

answers_t *
answers_new (store_t *store)
{
    answers_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->store = store;
    return self;
}

static void
given_free (given_t *given)
{
    for (size_t i = 0; i < sizeof given->texts / sizeof given->texts[0]; i++)
        free (given->texts[i]);
    if (given->header)
        kask__header__free_unpacked (given->header, NULL);
    if (given->standing)
        kask__standing__free_unpacked (given->standing, NULL);
    free (given);
}

void
answers_destroy (answers_t **self_p)
{
    answers_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    while (self->given) {
        given_t *given = self->given;
        self->given = given->next;
        given_free (given);
    }
    free (self);
}

void
answers_forget (answers_t *self)
{
    self->cursor = 0;
}

// ---------------------------------------------------------------- giving

static char *
copy_column (sqlite3_stmt *row, int column)
{
    char *text = strdup ((const char *) sqlite3_column_text (row, column));
    if (!text)
        abort ();
    return text;
}

// This store wrote both, from what had been checked.
static void
unpack_columns (given_t *given, sqlite3_stmt *row)
{
    if (header_unpack (sqlite3_column_blob (row, 6), (size_t) sqlite3_column_bytes (row, 6),
                       &given->header) == FAULT_OK)
        memcpy (given->answer.message_id, given->header->message_id.data,
                sizeof given->answer.message_id);
    if (sqlite3_column_bytes (row, 7) > 0)
        given->standing = kask__standing__unpack (NULL, (size_t) sqlite3_column_bytes (row, 7),
                                                  sqlite3_column_blob (row, 7));
}

static given_t *
read_row (sqlite3_stmt *row)
{
    given_t *given = calloc (1, sizeof *given);
    if (!given)
        abort ();
    kask_answer_t *answer = &given->answer;
    answer->no = sqlite3_column_int64 (row, 0);
    answer->recipient = given->texts[0] = copy_column (row, 1);
    answer->act = given->texts[1] = copy_column (row, 2);
    answer->accepted = sqlite3_column_int (row, 3);
    answer->fault = given->texts[2] = copy_column (row, 4);
    answer->text = given->texts[3] = copy_column (row, 5);
    unpack_columns (given, row);
    answer->header = given->header;
    answer->standing = given->standing;
    return given;
}

static bool
is_given (const answers_t *self, int64_t no)
{
    for (const given_t *given = self->given; given; given = given->next)
        if (given->answer.no == no)
            return true;
    return false;
}

kask_answer_t *
answers_next (answers_t *self)
{
    given_t *given = NULL;
    sqlite3_stmt *row = store_query (self->store,
                                     "SELECT no, recipient, act, accepted, fault, text, header,"
                                     " standing FROM kask_answer WHERE no > ? ORDER BY no",
                                     "i", self->cursor);
    for (; row && !given; row = given ? row : store_next (self->store, row)) {
        self->cursor = sqlite3_column_int64 (row, 0);
        if (!is_given (self, self->cursor))
            given = read_row (row);
    }
    store_release (row);
    if (!given)
        return NULL;
    given->next = self->given;
    self->given = given;
    return &given->answer;
}

// ---------------------------------------------------------------- giving back

static void
take_back (answers_t *self, kask_answer_t **answer_p)
{
    given_t **link = &self->given;
    while (*link && &(*link)->answer != *answer_p)
        link = &(*link)->next;
    given_t *given = *link;
    assert (given); // it is not this handle's, or was given back already
    *link = given->next;
    *answer_p = NULL;
    given_free (given);
}

bool
answers_noted (answers_t *self, kask_answer_t **answer_p, kask_error_t *error)
{
    if (!store_enter (self->store, error))
        return false;
    store_run (self->store, "DELETE FROM kask_answer WHERE no = ?", "i", (*answer_p)->no);
    if ((*answer_p)->standing)
        version_told (self->store, (*answer_p)->standing);
    if (!store_leave (self->store, true, error))
        return false;
    take_back (self, answer_p);
    return true;
}
