/*
 * outflow - what one session has been given and has not taken, lane by lane.
 *
 * Pure counting: window, credit, positions.  Sequences are lane sequences.
 */
#ifndef KASK_OUTFLOW_H
#define KASK_OUTFLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A message that came, or is to come, out of turn.
typedef struct {
    int sender;
    int64_t sequence;
    int replay;
} apart_t;

typedef struct {
    int64_t sequence;
    size_t bytes;
} parcel_out_t;

// One lane to the recipient.
typedef struct {
    int sender;
    int64_t next;      // sequence that is delivered next
    int64_t old_until; // what was there when the session began: perhaps delivered before
    bool is_behind;    // there is more than went out from memory
    parcel_out_t *out; // delivered and not TAKEN, a ring
    size_t out_first;
    size_t n_out;
    size_t out_capacity; // a power of two
} stream_t;

typedef struct outflow_s {
    stream_t *streams;
    size_t n_streams;
    size_t turn; // whose turn it is among those behind
    size_t window_messages;
    size_t window_bytes;
    size_t out_messages;
    size_t out_bytes;
    bool is_reading;  // one read is under way
    bool is_blocked;  // the connection was full
    bool wants_apart; // what comes out of turn has not been asked for yet
    apart_t *apart;   // delivered out of turn in this session
    size_t n_apart;
    apart_t *wanted; // to be delivered out of turn
    size_t n_wanted;
} outflow_t;

enum { OUTFLOW_APART = 1000 }; // most of each list

outflow_t *outflow_new (void);
void outflow_destroy (outflow_t **self_p);

stream_t *outflow_find (const outflow_t *self,
                        int sender); // NULL if absent; valid until the next require
// A new stream begins at `next`.
stream_t *outflow_require (outflow_t *self, int sender, int64_t next);
bool outflow_is_behind (const outflow_t *self);
// The next stream that is behind, each in its turn; NULL if none is.
stream_t *outflow_next_behind (outflow_t *self);

// May a message of so many bytes go out?  One always may when nothing is out.
bool outflow_has_credit (const outflow_t *self, size_t bytes);
// Is there so much credit that reading is worth the while?
bool outflow_may_read (const outflow_t *self);
size_t outflow_free_messages (const outflow_t *self); // at least 1
size_t outflow_free_bytes (const outflow_t *self);

// The stream's next message went out.
void outflow_given (outflow_t *self, stream_t *stream, int64_t sequence, size_t bytes);
// All up to there is on the recipient's disk.
void outflow_taken (outflow_t *self, stream_t *stream, int64_t sequence);

// Remembers what was delivered out of turn; the oldest is forgotten when there are many.
void outflow_note_apart (outflow_t *self, const apart_t *apart);
bool outflow_was_apart (const outflow_t *self, int sender, int64_t sequence);
// Wants one out of turn; false if there are too many.
bool outflow_want_apart (outflow_t *self, const apart_t *apart);
bool outflow_take_wanted (outflow_t *self, apart_t *apart); // false if none is wanted

#endif
