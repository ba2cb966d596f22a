/*
 * outflow - what one session has been given and has not taken, lane by lane.
 */
#include "outflow.h"

#include <stdlib.h>
#include <string.h>

outflow_t *
outflow_new (void)
{
    outflow_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->apart = calloc (OUTFLOW_APART, sizeof *self->apart);
    self->wanted = calloc (OUTFLOW_APART, sizeof *self->wanted);
    if (!self->apart || !self->wanted)
        abort ();
    return self;
}

void
outflow_destroy (outflow_t **self_p)
{
    outflow_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->n_streams; i++)
        free (self->streams[i].out);
    free (self->streams);
    free (self->apart);
    free (self->wanted);
    free (self);
    *self_p = NULL;
}

// ---------------------------------------------------------------- streams

stream_t *
outflow_find (const outflow_t *self, int sender)
{
    for (size_t i = 0; i < self->n_streams; i++)
        if (self->streams[i].sender == sender)
            return &self->streams[i];
    return NULL;
}

stream_t *
outflow_require (outflow_t *self, int sender, int64_t next)
{
    stream_t *stream = outflow_find (self, sender);
    if (stream)
        return stream;
    self->streams = realloc (self->streams, (self->n_streams + 1) * sizeof *self->streams);
    if (!self->streams)
        abort ();
    stream = &self->streams[self->n_streams++];
    *stream = (stream_t){.sender = sender, .next = next};
    return stream;
}

bool
outflow_is_behind (const outflow_t *self)
{
    for (size_t i = 0; i < self->n_streams; i++)
        if (self->streams[i].is_behind)
            return true;
    return false;
}

stream_t *
outflow_next_behind (outflow_t *self)
{
    for (size_t i = 0; i < self->n_streams; i++) {
        stream_t *stream = &self->streams[self->turn++ % self->n_streams];
        if (stream->is_behind)
            return stream;
    }
    return NULL;
}

// ---------------------------------------------------------------- credit

size_t
outflow_free_messages (const outflow_t *self)
{
    return self->window_messages > self->out_messages ? self->window_messages - self->out_messages
                                                      : 1;
}

size_t
outflow_free_bytes (const outflow_t *self)
{
    return self->window_bytes > self->out_bytes ? self->window_bytes - self->out_bytes : 0;
}

bool
outflow_has_credit (const outflow_t *self, size_t bytes)
{
    if (self->window_messages == 0)
        return false;
    if (self->out_messages == 0)
        return true;
    return self->out_messages < self->window_messages && bytes <= outflow_free_bytes (self);
}

bool
outflow_may_read (const outflow_t *self)
{
    if (self->window_messages == 0)
        return false;
    return self->out_messages <= self->window_messages / 2 &&
           self->out_bytes <= self->window_bytes / 2;
}

static void
ring_grow (stream_t *stream)
{
    size_t capacity = stream->out_capacity ? stream->out_capacity * 2 : 16;
    parcel_out_t *out = calloc (capacity, sizeof *out);
    if (!out)
        abort ();
    for (size_t i = 0; i < stream->n_out; i++)
        out[i] = stream->out[(stream->out_first + i) & (stream->out_capacity - 1)];
    free (stream->out);
    stream->out = out;
    stream->out_first = 0;
    stream->out_capacity = capacity;
}

void
outflow_given (outflow_t *self, stream_t *stream, int64_t sequence, size_t bytes)
{
    if (stream->n_out == stream->out_capacity)
        ring_grow (stream);
    size_t place = (stream->out_first + stream->n_out) & (stream->out_capacity - 1);
    stream->out[place] = (parcel_out_t){sequence, bytes};
    stream->n_out++;
    stream->next = sequence + 1;
    self->out_messages++;
    self->out_bytes += bytes;
}

void
outflow_taken (outflow_t *self, stream_t *stream, int64_t sequence)
{
    while (stream->n_out && stream->out[stream->out_first].sequence <= sequence) {
        self->out_messages--;
        self->out_bytes -= stream->out[stream->out_first].bytes;
        stream->out_first = (stream->out_first + 1) & (stream->out_capacity - 1);
        stream->n_out--;
    }
}

// ---------------------------------------------------------------- out of turn

void
outflow_note_apart (outflow_t *self, const apart_t *apart)
{
    if (self->n_apart == OUTFLOW_APART) {
        self->n_apart--;
        memmove (self->apart, self->apart + 1, self->n_apart * sizeof *self->apart);
    }
    self->apart[self->n_apart++] = *apart;
}

bool
outflow_was_apart (const outflow_t *self, int sender, int64_t sequence)
{
    for (size_t i = 0; i < self->n_apart; i++)
        if (self->apart[i].sender == sender && self->apart[i].sequence == sequence)
            return true;
    return false;
}

bool
outflow_want_apart (outflow_t *self, const apart_t *apart)
{
    if (self->n_wanted == OUTFLOW_APART)
        return false;
    self->wanted[self->n_wanted++] = *apart;
    return true;
}

bool
outflow_take_wanted (outflow_t *self, apart_t *apart)
{
    if (!self->n_wanted)
        return false;
    *apart = self->wanted[0];
    self->n_wanted--;
    memmove (self->wanted, self->wanted + 1, self->n_wanted * sizeof *self->wanted);
    return true;
}
