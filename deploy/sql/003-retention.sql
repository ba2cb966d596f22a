-- 003-retention.sql - acknowledged bodies leave the database, a day at once.

-- Drops the days before `before` in which hardly anything is open; what is open of them is copied
-- to `today` first, under its own number.  A day with more open than `most` stays as it is, and
-- is looked at again.  Open: not DONE nor DEAD, or a dead letter that is not settled.
CREATE FUNCTION retire_messages (before integer, today integer, most integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  old     text;
  dropped integer := 0;
  n       bigint;
  open    CONSTANT text := 'FROM %I m WHERE EXISTS (SELECT FROM lane l WHERE l.recipient = m.recipient'
    ' AND l.sender = m.sender AND m.sequence > l.done AND NOT EXISTS (SELECT FROM done_ahead a'
    ' WHERE a.recipient = m.recipient AND a.sender = m.sender AND a.sequence = m.sequence))'
    ' OR EXISTS (SELECT FROM dead_letter d WHERE d.recipient = m.recipient AND d.sender = m.sender'
    ' AND d.sequence = m.sequence AND d.state <> ''done'')';
BEGIN
  FOR old IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
             WHERE i.inhparent = 'message'::regclass AND substring (c.relname FROM '^message_([0-9]+)$')::integer < before
             ORDER BY c.relname LOOP
    EXECUTE format ('SELECT count (*) FROM (SELECT 1 ' || open || ' LIMIT %s) AS o', old, most + 1) INTO n;
    CONTINUE WHEN n > most;
    EXECUTE format ('INSERT INTO message SELECT $1, m.recipient, m.sender, m.sequence, m.accepted_at, m.audit,'
                    ' m.referral, m.event, m.by_broker, m.erased, m.message_id, m.standing, m.header, m.body ' || open, old) USING today;
    EXECUTE format ('DROP TABLE %I', old);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;
REVOKE EXECUTE ON FUNCTION retire_messages (integer, integer, integer) FROM PUBLIC;

INSERT INTO schema_version (version) VALUES (3);
