-- 002-views.sql - what people read: names for numbers, local times, and views.
--
-- The views audit, referral_timeline and mailbox are stable: columns are added at
-- the end, and none changes its meaning.  The role kask_auditor can read them and
-- nothing else of this database:  GRANT kask_auditor TO somebody;

-- Times of people are those of Denmark, Norway and Sweden, which have one zone.
CREATE FUNCTION kask_local (at_ms bigint) RETURNS timestamp LANGUAGE sql STABLE AS $$
  SELECT date_trunc ('second', to_timestamp (at_ms / 1000.0) AT TIME ZONE 'Europe/Copenhagen')
$$;

CREATE FUNCTION kask_now () RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT (extract (epoch FROM now ()) * 1000)::bigint
$$;

-- "3 d 04:15"; nothing where it is not above 0.
CREATE FUNCTION kask_span (ms bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN ms > 0 THEN CASE WHEN ms >= 86400000 THEN ms / 86400000 || ' d ' ELSE '' END
    || lpad ((ms / 3600000 % 24)::text, 2, '0') || ':' || lpad ((ms / 60000 % 60)::text, 2, '0') END
$$;

-- The names of proto/kask.proto; 0 has none.
CREATE FUNCTION kask_state_name (state integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT (ARRAY['SENT', 'RECEIVED', 'ACCEPTED', 'IN_PROGRESS', 'ON_HOLD', 'COMPLETED', 'DECLINED',
                'REDIRECTED', 'WITHDRAWN', 'EXPIRED', 'FAILED', 'REVOKED', 'IN_ERROR'])[state]
$$;
CREATE FUNCTION kask_event_name (event integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT (ARRAY['SEND', 'RECEIPT', 'ASK', 'ANSWER', 'ACCEPT', 'DECLINE', 'REDIRECT', 'START',
                'HOLD', 'RESUME', 'COMPLETE', 'REOPEN', 'FAIL', 'WITHDRAW', 'REVOKE', 'EXPIRE',
                'MARK_ERROR', 'NOTE', 'REMIND', 'CONTACTED', 'DEAD_LETTER', 'REPLAYED'])[event]
$$;
CREATE FUNCTION kask_kind_name (kind integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT (ARRAY['ACCEPTED', 'REFUSED', 'DONE', 'CLOCK', 'DEAD', 'REPLAYED', 'KEY', 'AGREEMENT',
                'CONFIGURATION', 'OPERATOR'])[kind]
$$;
CREATE FUNCTION kask_reason_name (reason integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT (ARRAY['REFUSED_BY_SYSTEM', 'MAPPING_FAILED', 'CONNECTOR_FAILED', 'KEY_GONE',
                'CANNOT_OPEN', 'BAD_SIGNATURE'])[reason]
$$;

-- Of an identity key, as PROTOCOL.md section 9 says.
CREATE FUNCTION kask_fingerprint (key bytea) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT regexp_replace (encode (substring (sha256 (key) FOR 16), 'hex'), '(....)(?!$)', '\1 ', 'g')
$$;

-- The short reference of a referral's number, as broker/reference.c writes it.
CREATE FUNCTION kask_reference (no bigint) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  long   boolean := no >= 410338673;
  digits integer := CASE WHEN long THEN 11 ELSE 7 END;
  rest   bigint  := CASE WHEN long THEN (no::numeric * 21181196769127) % 34271896307633
                         ELSE (no * 253603249) % 410338673 END;
  text   text    := '';
  sum    integer := 0;
BEGIN
  IF no IS NULL THEN
    RETURN NULL;
  END IF;
  FOR weight IN 2 .. digits + 1 LOOP
    sum := sum + weight * (rest % 17)::integer;
    text := substr ('0123456789AFKMRWX', (rest % 17)::integer + 1, 1) || text;
    rest := rest / 17;
  END LOOP;
  text := text || substr ('0123456789AFKMRWX', (17 - sum % 17) % 17 + 1, 1);
  RETURN regexp_replace (text, '(....)(?!$)', '\1-', 'g');
END $$;

CREATE VIEW audit AS
  SELECT e.number,
         kask_local (e.at) AS at,
         to_timestamp (e.at / 1000.0) AS at_utc,
         kask_kind_name (e.kind) AS kind,
         coalesce (a.partner, CASE WHEN e.kind IN (6, 7, 8, 9, 10) THEN 'operator' ELSE 'broker' END)
           AS actor,
         c.partner AS counterpart,
         kask_reference (e.referral) AS reference,
         kask_event_name (e.event) AS event,
         kask_state_name (e.from_state) AS from_state,
         kask_state_name (e.to_state) AS to_state,
         e.version,
         e.sequence,
         e.detail,
         e.referral,
         e.entry
    FROM audit_entry e
    LEFT JOIN partner a ON a.no = e.actor
    LEFT JOIN partner c ON c.no = e.counterpart;
COMMENT ON VIEW audit IS 'The audit log: one row an entry, in the order of its gap-free number';
COMMENT ON COLUMN audit.number IS 'Gap-free, from 1';
COMMENT ON COLUMN audit.at IS 'Local time of Denmark, Norway and Sweden, to the second';
COMMENT ON COLUMN audit.at_utc IS 'The same instant with its zone, to the millisecond';
COMMENT ON COLUMN audit.kind IS 'What the entry tells of: ACCEPTED (a message), REFUSED, DONE, CLOCK (reminder, expiry), DEAD, REPLAYED, KEY, AGREEMENT, CONFIGURATION, OPERATOR';
COMMENT ON COLUMN audit.actor IS 'Who did it: a partner, broker or operator';
COMMENT ON COLUMN audit.counterpart IS 'The other partner concerned; catalogue for an offering';
COMMENT ON COLUMN audit.reference IS 'Short reference of the referral concerned';
COMMENT ON COLUMN audit.event IS 'Event of the referral; of the message that a DONE or DEAD is about';
COMMENT ON COLUMN audit.from_state IS 'State of the referral before; empty for none';
COMMENT ON COLUMN audit.to_state IS 'State of the referral after';
COMMENT ON COLUMN audit.version IS 'Version of the referral after';
COMMENT ON COLUMN audit.sequence IS 'Lane sequence of the message';
COMMENT ON COLUMN audit.detail IS 'Codes, fault, offering key, or what an operator changed';
COMMENT ON COLUMN audit.referral IS 'The broker''s number of the referral';
COMMENT ON COLUMN audit.entry IS 'The entry itself: an AuditEntry of proto/kask.proto, never repacked';

CREATE VIEW referral_timeline AS
  SELECT kask_reference (e.referral) AS reference,
         e.number,
         kask_local (e.at) AS at,
         coalesce (a.partner, CASE WHEN e.kind = 6 THEN 'operator' ELSE 'broker' END) AS who,
         CASE e.kind WHEN 1 THEN kask_event_name (e.event)
                     WHEN 2 THEN 'refused: ' || kask_event_name (e.event)
                     WHEN 3 THEN 'has it: ' || kask_event_name (e.event)
                     WHEN 5 THEN 'dead letter: ' || kask_event_name (e.event)
                     WHEN 6 THEN 'replayed: ' || kask_event_name (e.event)
                     ELSE kask_event_name (e.event) END AS what,
         c.partner AS whom,
         kask_state_name (e.from_state) AS from_state,
         kask_state_name (e.to_state) AS state,
         kask_span (e.at - late.since) AS late,
         e.detail AS codes,
         e.version
    FROM audit_entry e
    LEFT JOIN partner a ON a.no = e.actor
    LEFT JOIN partner c ON c.no = e.counterpart
    LEFT JOIN LATERAL (
      SELECT min (k.at) AS since FROM audit_entry k
       WHERE e.kind = 1 AND k.referral = e.referral AND k.kind = 4 AND k.number < e.number
         AND k.number > coalesce ((SELECT max (b.number) FROM audit_entry b
                                    WHERE b.referral = e.referral AND b.number < e.number
                                      AND b.kind = 1 AND b.actor = e.actor), 0)
         AND k.counterpart = e.actor) AS late ON true
   WHERE e.referral IS NOT NULL;
COMMENT ON VIEW referral_timeline IS 'What happened to each referral, one row an audit entry; ask for one reference at a time';
COMMENT ON COLUMN referral_timeline.reference IS 'Short reference of the referral';
COMMENT ON COLUMN referral_timeline.number IS 'Number of the audit entry; the order of the timeline';
COMMENT ON COLUMN referral_timeline.at IS 'Local time of Denmark, Norway and Sweden';
COMMENT ON COLUMN referral_timeline.who IS 'A partner, broker or operator';
COMMENT ON COLUMN referral_timeline.what IS 'The event; "has it" when the recipient''s system has it';
COMMENT ON COLUMN referral_timeline.whom IS 'The other partner';
COMMENT ON COLUMN referral_timeline.from_state IS 'State before; empty for none';
COMMENT ON COLUMN referral_timeline.state IS 'State after';
COMMENT ON COLUMN referral_timeline.late IS 'Days and hours:minutes since the first reminder that this answers; empty if in time';
COMMENT ON COLUMN referral_timeline.codes IS 'Legal basis, obstacles, outcome, reason, or why it is a dead letter';
COMMENT ON COLUMN referral_timeline.version IS 'Version of the referral after';

CREATE VIEW mailbox AS
  SELECT b.partner AS recipient,
         a.partner AS sender,
         l.next_sequence - 1 - l.done
           - (SELECT count (*) FROM done_ahead d
               WHERE d.recipient = l.recipient AND d.sender = l.sender) AS waiting,
         CASE WHEN l.next_sequence - 1 > l.done THEN
           (SELECT kask_local (m.accepted_at) FROM message m
             WHERE m.recipient = l.recipient AND m.sender = l.sender AND m.sequence > l.done
             ORDER BY m.sequence LIMIT 1) END AS oldest,
         l.next_sequence - 1 AS accepted,
         l.done AS settled,
         (SELECT count (*) FROM dead_letter d
           WHERE d.recipient = l.recipient AND d.sender = l.sender AND d.state = 'dead') AS dead
    FROM lane l
    JOIN partner b ON b.no = l.recipient
    JOIN partner a ON a.no = l.sender
   WHERE l.recipient > 0;
COMMENT ON VIEW mailbox IS 'What waits for each recipient, by sender';
COMMENT ON COLUMN mailbox.recipient IS 'Whose mailbox';
COMMENT ON COLUMN mailbox.sender IS 'From whom; the broker''s own events stand in the other party''s lane';
COMMENT ON COLUMN mailbox.waiting IS 'Messages that the recipient''s system has not yet';
COMMENT ON COLUMN mailbox.oldest IS 'When the oldest of them was accepted, local time';
COMMENT ON COLUMN mailbox.accepted IS 'Messages accepted so far: the last lane sequence';
COMMENT ON COLUMN mailbox.settled IS 'Everything up to this lane sequence is done or dead';
COMMENT ON COLUMN mailbox.dead IS 'Dead letters that nobody has replayed';

-- Roles belong to the cluster, so another database may have made it already.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'kask_auditor') THEN
    CREATE ROLE kask_auditor NOLOGIN;
  END IF;
END $$;
COMMENT ON ROLE kask_auditor IS 'Reads the views audit, referral_timeline and mailbox of kask';
GRANT SELECT ON audit, referral_timeline, mailbox TO kask_auditor;
REVOKE EXECUTE ON FUNCTION hold_epoch (bigint), make_partition (integer) FROM PUBLIC;

INSERT INTO schema_version (version) VALUES (2);
