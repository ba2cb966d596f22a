/*
 * fuzz_rows - rows as PostgreSQL might answer them, to those who read them.
 *
 * The first byte chooses the statement; the rest is its cells, row by row: of the usual width,
 * of another, or null.  Rows that do not fit go no further, as in run.c; what is made of the
 * others keeps its bounds.
 */
#include "fuzz.h"
#include "holders.h"
#include "inboxes.h"
#include "loading.h"
#include "recall.h"

#include <assert.h>
#include <string.h>

enum {
    MOST_COLUMNS = 30,
    MOST_ROWS = 40,
    MOST_CELL_BYTES = 300,
    NULL_CELL = 255,
    OTHER_WIDTH = 254, // its length follows
    INT4_ARRAY = 1007
};

#define REFERRAL "lyyaiiYsiaiblllllllll"

typedef struct {
    const uint8_t *data;
    size_t size;
} input_t;

static uint8_t
next_byte (input_t *in)
{
    if (!in->size)
        return 0;
    in->size--;
    return *in->data++;
}

static int
copy_next (input_t *in, uint8_t *to, size_t size)
{
    for (size_t i = 0; i < size; i++)
        to[i] = next_byte (in);
    return (int) size;
}

// ---------------------------------------------------------------- making rows

// A letter for each column: those of sheets.def; Y is a bytea of 32 bytes, a an int4[].
static Oid
type_of (char letter)
{
    switch (letter) {
    case 'b': return PG_BOOL;
    case 's': return PG_INT2;
    case 'i': return PG_INT4;
    case 'l': return PG_INT8;
    case 't': return PG_TEXT;
    case 'a': return INT4_ARRAY;
    default: return PG_BYTEA;
    }
}

static size_t
usual_width (char letter, input_t *in)
{
    switch (letter) {
    case 'b': return 1;
    case 's': return 2;
    case 'i': return 4;
    case 'l': return 8;
    case 'y': return 16;
    case 'Y': return 32;
    default: return next_byte (in);
    }
}

static int
list_cell (input_t *in, uint8_t *to)
{
    column_t column;
    column_init (&column, PG_INT4);
    for (int n = next_byte (in) % 32; n > 0; n--)
        column_int (&column, next_byte (in));
    int size;
    const uint8_t *value = column_value (&column, &size);
    memcpy (to, value, (size_t) size);
    column_free (&column);
    return size;
}

// Its length; -1: it is null.
static int
next_cell (input_t *in, char letter, uint8_t *to)
{
    uint8_t form = next_byte (in);
    if (form == NULL_CELL)
        return -1;
    if (form == OTHER_WIDTH)
        return copy_next (in, to, next_byte (in));
    return letter == 'a' ? list_cell (in, to) : copy_next (in, to, usual_width (letter, in));
}

static PGresult *
next_result (input_t *in, const char *types, int n_rows)
{
    PGresAttDesc columns[MOST_COLUMNS] = {{0}};
    int n_columns = (int) strlen (types);
    for (int c = 0; c < n_columns; c++)
        columns[c] = (PGresAttDesc){.name = (char *) "", .format = 1, .typid = type_of (types[c])};
    PGresult *result = PQmakeEmptyPGresult (NULL, PGRES_TUPLES_OK);
    assert (result && PQsetResultAttrs (result, n_columns, columns));
    for (int row = 0; row < n_rows; row++)
        for (int c = 0; c < n_columns; c++) {
            uint8_t cell[MOST_CELL_BYTES];
            int size = next_cell (in, types[c], cell);
            assert (PQsetvalue (result, row, c, (char *) cell, size));
        }
    return result;
}

// ---------------------------------------------------------------- before a batch

static const uint8_t key[REFERRAL_ORIGIN_BYTES];

static void
want (recall_t *recall, unsigned choice)
{
    switch (choice) {
    case 0: recall_want_referral (recall, key); break;
    case 1: recall_want_send_origin (recall, 1, key); break;
    case 2: recall_want_event_origin (recall, key, 1, key); break;
    case 3: recall_want_message (recall, 1, 2, 3); break;
    case 4: recall_want_offering (recall, 1, ""); break;
    case 5: recall_want_refusal (recall, 1, 2, 3); break;
    default: recall_want_due (recall, 1, MOST_ROWS);
    }
}

static void
check_referrals (const recall_t *recall, const PGresult *result)
{
    for (int row = 0; row < PQntuples (result); row++) {
        uint8_t id[REFERRAL_ID_BYTES] = {0};
        (void) cell_copy (result, row, 1, id, sizeof id);
        const recalled_referral_t *held = recall_referral (recall, id);
        assert (held);
        assert (held->referral.n_parties >= 0 && held->referral.n_parties <= REFERRAL_PARTIES);
        assert (held->referral.n_questions >= 0);
        assert (held->referral.n_questions <= LIMIT_OPEN_QUESTIONS);
    }
}

static void
try_recall (input_t *in, unsigned choice)
{
    static const char *const types[] = {REFERRAL, REFERRAL, "liY",   (REFERRAL "iilsbyi"),
                                        "itibbY", "iiltt",  REFERRAL};
    arena_t *arena = arena_new ();
    recall_t *recall = recall_new (arena);
    run_t *run = run_new (NULL, NULL);
    want (recall, choice);
    recall_ask (recall, run);
    PGresult *result = next_result (in, types[choice], next_byte (in) % MOST_ROWS);
    if (rows_fit (result)) {
        recall_take (recall, &result);
        if (strncmp (types[choice], REFERRAL, strlen (REFERRAL)) == 0)
            check_referrals (recall, result);
    }
    PQclear (result);
    run_destroy (&run);
    recall_destroy (&recall);
    arena_destroy (&arena);
}

// ---------------------------------------------------------------- at start

static void
load (PGresult *const *results)
{
    loading_t loading = {registry_new (), lanes_new (), inboxes_new (), holders_new ()};
    loaded_t loaded;
    char problem[LOADING_PROBLEM_BYTES] = "";
    bool good = loading_take (&loading, results, &loaded, problem);
    assert (good == (problem[0] == '\0'));
    holders_destroy (&loading.holders);
    inboxes_destroy (&loading.inboxes);
    lanes_destroy (&loading.lanes);
    registry_destroy (&loading.registry);
}

static void
try_loading (input_t *in)
{
    static const char *const types[] = {"lyllll", "tt",     "llllli", "itttYYttlYll", "iill",
                                        "iiib",   "iillyl", "iil",    "iyl",          "iily"};
    enum { N_RESULTS = sizeof types / sizeof types[0], COUNTERS = 2 };
    PGresult *results[N_RESULTS];
    bool fit = true;
    for (int i = 0; i < N_RESULTS; i++) {
        int n_rows = next_byte (in) % MOST_ROWS;
        // a SELECT without FROM has one row
        results[i] = next_result (in, types[i], i == COUNTERS ? 1 : n_rows);
        fit = fit && rows_fit (results[i]);
    }
    if (fit)
        load (results);
    for (int i = 0; i < N_RESULTS; i++)
        PQclear (results[i]);
}

FUZZ (rows)
{
    input_t in = {data, size};
    unsigned choice = next_byte (&in) % 8U;
    if (choice < 7)
        try_recall (&in, choice);
    else
        try_loading (&in);
    return 0;
}
