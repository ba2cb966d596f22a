/*
 * item - one command on its way through the broker.
 *
 * Made when a command arrives (session), decided in a batch (intake),
 * answered when the batch is committed (outcome).  Owns its frames.
 */
#ifndef KASK_ITEM_H
#define KASK_ITEM_H

#include "fault.h"
#include "wire.h"
#include "kask.pb-c.h"
#include "content.pb-c.h"

#include <stdbool.h>
#include <zmq.h>

typedef enum {
    ITEM_SEND, // a referral event or an offering
    ITEM_DONE,
    ITEM_DEAD,
    ITEM_STORED,
    ITEM_STATEMENT, // a hello that brings newer keys, or comes over them for the first time
    ITEM_CLOCK,     // deadlines that have come
    ITEM_OUTAGE,    // one that has ended
    ITEM_END,       // the broker's own: what is only counted so far is told
    ITEM_ACT        // an operator's
} item_kind_t;

typedef struct act_s act_t; // operator.h

// Where a hello came from that waits for its keys to be stored.
typedef struct {
    route_t route;
    uint8_t curve_key[32]; // of the connection
} caller_t;

// What was decided; filled in by intake.
typedef struct {
    Kask__Outcome outcome; // SEND
    fault_t fault;         // REFUSED
    bool repeated;
    bool number_unused;
    int64_t sequence;
    int64_t audit;
    int64_t expected;        // GAP
    int64_t confirmed;       // DONE, DEAD: the batch
    const uint8_t *standing; // packed, in the batch's arena; NULL: none
    size_t standing_size;
    Kask__MessageRef **unknown; // DONE, DEAD: items of no message of this recipient
    size_t n_unknown;
} item_result_t;

typedef struct item_s {
    struct item_s *next;
    item_kind_t kind;
    uint64_t session;   // that waits for the answer; 0: nobody
    int partner;        // who speaks
    uint8_t outbox[16]; // of the session
    uint8_t inbox[16];
    Kask__Command *command;
    Kask__Header *header; // SEND
    zmq_msg_t header_bytes;
    zmq_msg_t body_bytes;
    int recipient;            // partner number
    fault_t fault;            // found on arrival; the number is used up all the same
    Kask__DoneList *list;     // DONE
    uint8_t list_sha256[32];  // of its bytes
    int *senders;             // DONE, DEAD: partner number of each item; -1: nobody's
    Kask__Offering *offering; // SEND of an offering
    uint8_t content_sha256[32];
    Kask__KeyStatement *keys; // STATEMENT, that of command->hello
    caller_t *caller;         // of it
    int64_t outage_ms;        // OUTAGE
    act_t *act;
    size_t bytes; // that it holds, for the intake's limit
    item_result_t result;
} item_t;

item_t *item_new (item_kind_t kind);
void item_destroy (item_t **self_p);

// The header's and body's bytes.
const uint8_t *item_header (item_t *self, size_t *size_p);
const uint8_t *item_body (item_t *self, size_t *size_p);

#endif
