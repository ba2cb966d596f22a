-- 006-obstacles.sql - what stops referrals at a border, counted.

-- One row for each obstacle that an event states, in the event's transaction.  The countries are those
-- that the partners had then.  It stays when messages leave the database.
CREATE TABLE obstacle (
  at          bigint  NOT NULL,
  referral    bigint  NOT NULL,
  referrer_country text NOT NULL,
  receiver_country text NOT NULL,
  code        text    NOT NULL,
  level       text    NOT NULL,   -- empty: not stated
  effect      text    NOT NULL
);
CREATE INDEX obstacle_at ON obstacle USING brin (at);

-- A count below 5 could point at a firm: it is null.  A referral counts once for a code and month,
-- and not at all when it was marked as an error.
CREATE VIEW obstacles AS
  SELECT to_char (kask_local (o.at), 'YYYY-MM') AS month,
         o.referrer_country,
         o.receiver_country,
         o.code,
         CASE WHEN count (DISTINCT o.referral) >= 5 THEN count (DISTINCT o.referral) END AS referrals
    FROM obstacle o
    JOIN referral r ON r.no = o.referral
   WHERE r.state <> 13
   GROUP BY 1, 2, 3, 4;
COMMENT ON VIEW obstacles IS 'What stopped referrals at a border, by month, pair of countries and code';
COMMENT ON COLUMN obstacles.month IS 'Month in which the obstacle was stated, local time, as 2026-11';
COMMENT ON COLUMN obstacles.referrer_country IS 'Country of the referring partner';
COMMENT ON COLUMN obstacles.receiver_country IS 'Country of the receiving partner';
COMMENT ON COLUMN obstacles.code IS 'Obstacle code of proto/codes.def';
COMMENT ON COLUMN obstacles.referrals IS 'How many referrals met it; null if fewer than 5';
GRANT SELECT ON obstacles TO kask_auditor;
COMMENT ON ROLE kask_auditor IS 'Reads the views audit, referral_timeline, mailbox and obstacles of kask';

INSERT INTO schema_version (version) VALUES (6);
