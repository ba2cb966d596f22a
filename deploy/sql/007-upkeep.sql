-- 007-upkeep.sql - mailboxes that are paused, partners' closing days, and outages.

ALTER TABLE partner ADD paused_at bigint NOT NULL DEFAULT 0;  -- its mailbox gives nothing out since; 0: it does

-- Days on which a partner is closed, as days since 1970-01-01, both included.
CREATE TABLE closing (
  partner     integer NOT NULL REFERENCES partner,
  first_day   integer NOT NULL,
  last_day    integer NOT NULL CHECK (last_day >= first_day),
  by_operator boolean NOT NULL,
  PRIMARY KEY (partner, by_operator, first_day)
);

-- When nobody could be answered: what is counted when it comes (TIMED steps) gets it as grace.
CREATE TABLE outage (
  ended_at    bigint NOT NULL,
  ms          bigint NOT NULL
);

-- As in 002-views.sql, with a column more.
CREATE OR REPLACE VIEW mailbox AS
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
           WHERE d.recipient = l.recipient AND d.sender = l.sender AND d.state = 'dead') AS dead,
         kask_local (nullif (b.paused_at, 0)) AS paused
    FROM lane l
    JOIN partner b ON b.no = l.recipient
    JOIN partner a ON a.no = l.sender
   WHERE l.recipient > 0;
COMMENT ON COLUMN mailbox.paused IS 'Since when an operator lets nothing out of it, local time; empty: it is not paused';

INSERT INTO schema_version (version) VALUES (7);
