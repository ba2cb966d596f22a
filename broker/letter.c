/*
 * letter - the header and body of a SEND, checked as far as no database is needed.
 *
 * In the order of PROTOCOL.md section 4: header, sender, recipient, not to
 * oneself, then the form of the body.  An offering is public: its signature
 * is checked here, so that nothing unsigned gets into the catalogue.
 */
#include "letter.h"
#include "codec.h"
#include "codes.h"
#include "log.h"
#include "offering.h"
#include "statement.h"

#include <string.h>

static fault_t
addresses_may (const item_t *item, const partner_t *sender)
{
    const Kask__Header *header = item->header;
    bool is_offering = header->subject_case == KASK__HEADER__SUBJECT_OFFERING;
    if (strcmp (header->sender, sender->id) != 0)
        return FAULT_WRONG_SENDER;
    if (strcmp (header->recipient, item->command->send->recipient) != 0 ||
        is_offering != (item->recipient == PARTNER_CATALOGUE))
        return FAULT_WRONG_RECIPIENT;
    return item->recipient == sender->no ? FAULT_TO_SELF : FAULT_OK;
}

static fault_t
event_may (item_t *item)
{
    size_t size;
    (void) item_body (item, &size);
    if (!event_is_known (item->header->referral->event))
        return FAULT_BAD_HEADER;
    if (event_is_brokers (item->header->referral->event))
        return FAULT_WRONG_ROLE;
    if (size > LIMIT_BODY_BYTES)
        return FAULT_TOO_LARGE;
    return size ? FAULT_OK : FAULT_BAD_BODY;
}

static bool
offering_is_signed (const partner_t *sender, const Kask__Signed *body,
                    const offering_subject_t *subject)
{
    const uint8_t *key;
    for (size_t i = 0; (key = partner_identity_at (sender, i)); i++)
        if (check_offering (body->signature.data, key, subject, body->content.data,
                            body->content.len))
            return true;
    return false;
}

static fault_t
content_may (item_t *item, const partner_t *sender, const Kask__Signed *body)
{
    const Kask__OfferingNotice *notice = item->header->offering;
    uint8_t header_hash[32];
    size_t size;
    const uint8_t *header = item_header (item, &size);
    sha256 (header_hash, header, size);
    const offering_subject_t subject = offering_subject (item->header, header_hash);
    if (!offering_is_signed (sender, body, &subject))
        return FAULT_BAD_SIGNATURE;
    sha256 (item->content_sha256, body->content.data, body->content.len);
    if (notice->withdrawn)
        return body->content.len ? FAULT_BAD_BODY : FAULT_OK;
    fault_t fault = offering_unpack (body->content.data, body->content.len, &item->offering);
    if (fault != FAULT_OK)
        return fault;
    char problem[OFFERING_PROBLEM_BYTES] = "";
    fault = offering_check (item->offering, notice->key, problem, sizeof problem);
    if (fault != FAULT_OK)
        log_info ("intake: offering refused partner=%s key=%s fault=%s problem=\"%s\"", sender->id,
                  notice->key, fault_name (fault), problem);
    return fault;
}

static fault_t
offering_may (item_t *item, const partner_t *sender)
{
    size_t size;
    const uint8_t *bytes = item_body (item, &size);
    if (size > LIMIT_OFFERING_BYTES)
        return FAULT_TOO_LARGE;
    Kask__Signed *body;
    fault_t fault = signed_unpack (bytes, size, &body);
    if (fault != FAULT_OK)
        return fault;
    fault = content_may (item, sender, body);
    kask__signed__free_unpacked (body, NULL);
    return fault;
}

void
letter_open (item_t *item, const partner_t *sender)
{
    size_t size;
    const uint8_t *bytes = item_header (item, &size);
    item->fault =
        size > LIMIT_HEADER_BYTES ? FAULT_TOO_LARGE : header_unpack (bytes, size, &item->header);
    if (item->fault == FAULT_OK)
        item->fault = addresses_may (item, sender);
    if (item->fault == FAULT_OK)
        item->fault = item->header->subject_case == KASK__HEADER__SUBJECT_OFFERING
                          ? offering_may (item, sender)
                          : event_may (item);
}
