-- 005-dead-letters.sql - how a dead letter ends.

ALTER TABLE dead_letter
  ADD fate text NOT NULL DEFAULT ''   -- what was decided last; with state 'done' it has come about
    CHECK (fate IN ('', 'replayed', 'returned', 'dropped', 'revoked')),
  ADD why  text NOT NULL DEFAULT '';  -- the operator's reason
UPDATE dead_letter SET fate = 'replayed' WHERE state <> 'dead';
CREATE INDEX dead_letter_referral ON dead_letter (referral);

-- As in 002-views.sql, with the broker's events that came since.
CREATE OR REPLACE FUNCTION kask_event_name (event integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT (ARRAY['SEND', 'RECEIPT', 'ASK', 'ANSWER', 'ACCEPT', 'DECLINE', 'REDIRECT', 'START',
                'HOLD', 'RESUME', 'COMPLETE', 'REOPEN', 'FAIL', 'WITHDRAW', 'REVOKE', 'EXPIRE',
                'MARK_ERROR', 'NOTE', 'REMIND', 'CONTACTED', 'DEAD_LETTER', 'REPLAYED', 'RETURNED',
                'DROPPED'])[event]
$$;

-- As in 002-views.sql; what an operator did to a dead letter is the operator's.
CREATE OR REPLACE VIEW referral_timeline AS
  SELECT kask_reference (e.referral) AS reference,
         e.number,
         kask_local (e.at) AS at,
         coalesce (a.partner, CASE WHEN e.kind IN (6, 10) THEN 'operator' ELSE 'broker' END) AS who,
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

INSERT INTO schema_version (version) VALUES (5);
