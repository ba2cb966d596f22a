/*
 * letter - the header and body of a SEND, checked as far as no database is needed.
 */
#ifndef KASK_LETTER_H
#define KASK_LETTER_H

#include "item.h"
#include "partner.h"

// Fills the item's header, offering and content hash from its frames, and its fault if
// something is wrong.  `sender` is who speaks; item->recipient and the command are set.
void letter_open (item_t *item, const partner_t *sender);

#endif
