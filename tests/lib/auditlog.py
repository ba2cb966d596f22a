"""auditlog - what the audit log says of each message, held against the message itself."""
import hashlib

import kask_pb2 as pb

ENTRIES = """
    SELECT a.number, a.at, a.kind, a.detail, a.sequence, coalesce (p.partner, ''), coalesce (encode (r.id, 'hex'), ''), encode (a.entry, 'hex')
    FROM audit_entry a LEFT JOIN partner p ON p.no = a.actor AND a.actor > 0 LEFT JOIN referral r ON r.no = a.referral
    ORDER BY a.number"""
MESSAGES = """
    SELECT m.audit, s.partner, r.partner, m.sequence, m.by_broker, m.erased, encode (m.message_id, 'hex'), encode (m.header, 'hex'),
           encode (m.body, 'hex')
    FROM message m JOIN partner s ON s.no = m.sender JOIN partner r ON r.no = m.recipient ORDER BY m.audit"""


def codes_of (event):
    return [code for code in (event.legal_basis, event.outcome, event.reason, *(o.code for o in event.obstacles)) if code]


def entry_is_wrong (row, entry):
    number, at, kind, detail, sequence, actor, referral = row
    same = ((entry.number, entry.at_ms, entry.kind, entry.sequence) == (int (number), int (at), int (kind), int (sequence))
            and (not referral or entry.referral_id.hex () == referral and entry.reference)
            and (not actor or entry.actor == actor))
    return not same or kind == str (pb.AUDIT_ACCEPTED) and referral and detail != " ".join (entry.codes)


def message_is_wrong (row, entry):
    """A partner's message has an entry of its own; the broker's has that of what it follows from."""
    sender, recipient, sequence, by_broker, erased, message_id, header_bytes, body = row
    header, header_bytes = pb.Header.FromString (bytes.fromhex (header_bytes)), bytes.fromhex (header_bytes)
    event = header.referral
    if header.message_id.hex () != message_id or header.recipient != recipient or entry.referral_id != event.referral_id:
        return True
    if by_broker == "t" and entry.kind == pb.AUDIT_CLOCK:   # both parties hear of an expiry: it names the message to the counterpart
        return header.sender != "broker" or recipient == entry.counterpart and entry.message_id != header.message_id
    if by_broker == "t":
        return header.sender != "broker" or entry.message_id != event.about_message_id
    return (header.sender != sender or entry.kind != pb.AUDIT_ACCEPTED or entry.message_id != header.message_id
            or (entry.actor, entry.counterpart, entry.sequence, entry.event) != (sender, recipient, int (sequence), event.event)
            or list (entry.codes) != codes_of (event) or entry.header_sha256 != hashlib.sha256 (header_bytes).digest ()
            or erased == "f" and entry.body_sha256 != hashlib.sha256 (bytes.fromhex (body)).digest ())


def differences (cluster):
    """What an entry says otherwise than its columns or its message, a line each."""
    rows = {int (number): (number, *more) for number, *more in cluster.sql (ENTRIES)}
    entries = {number: pb.AuditEntry.FromString (bytes.fromhex (row[-1])) for number, row in rows.items ()}
    wrong = [f"entry {number}: {entries[number]}" for number, row in rows.items () if entry_is_wrong (row[:-1], entries[number])]
    messages = [(int (audit), row) for audit, *row in cluster.sql (MESSAGES)]
    return wrong + [f"message {row[:5]}: entry {entries[audit]}" for audit, row in messages if message_is_wrong (row, entries[audit])]
