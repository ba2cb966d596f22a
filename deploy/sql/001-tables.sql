-- 001-tables.sql - all durable state of the broker.
--
-- Only kaskd writes here, in one transaction a turn.  Times are milliseconds
-- since 1970-01-01 UTC.  Partners, referrals and audit entries have small
-- numbers of the broker's own, so that indexes grow at their right edge.

CREATE TABLE schema_version (
  version     integer PRIMARY KEY,
  applied_at  timestamptz NOT NULL DEFAULT now()
);

-- One row.  Every commit of a broker holds it FOR SHARE with its own epoch,
-- so a broker that was replaced can commit nothing more.
CREATE TABLE broker (
  one         boolean PRIMARY KEY DEFAULT true CHECK (one),
  database    bytea   NOT NULL,   -- 16 random bytes: this database
  generation  bigint  NOT NULL,   -- rises when it was restored from a copy
  epoch       bigint  NOT NULL,
  alive_at    bigint  NOT NULL    -- a broker last said that it runs
);
INSERT INTO broker (database, generation, epoch, alive_at)
  VALUES (uuid_send (gen_random_uuid ()), 1, 0, 0);

CREATE FUNCTION hold_epoch (mine bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM broker WHERE epoch = mine FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a newer broker holds the epoch' USING ERRCODE = 'KA001';
  END IF;
END $$;

-- Number 0 is the catalogue: the recipient of offerings.
CREATE TABLE partner (
  no          integer PRIMARY KEY,
  partner     text    NOT NULL UNIQUE,
  name        text    NOT NULL,
  country     text    NOT NULL,
  identity_key bytea,             -- Ed25519
  curve_key   bytea   UNIQUE,     -- of the connection: says who speaks
  statement   bytea,              -- KeyStatement as it was signed
  statement_signature bytea,
  statement_number bigint NOT NULL DEFAULT 0,
  added_at    bigint  NOT NULL
);
INSERT INTO partner (no, partner, name, country, added_at) VALUES (0, 'catalogue', 'the catalogue', '', 0);

CREATE TABLE agreement (
  referrer    integer NOT NULL REFERENCES partner,
  receiver    integer NOT NULL REFERENCES partner,
  from_at     bigint  NOT NULL,
  to_at       bigint,             -- null: until further notice
  PRIMARY KEY (referrer, receiver, from_at)
);

-- A lane: one sender's messages to one recipient.
CREATE TABLE lane (
  recipient   integer NOT NULL REFERENCES partner,
  sender      integer NOT NULL REFERENCES partner,
  next_sequence bigint NOT NULL,  -- of the next message accepted
  done        bigint  NOT NULL,   -- all up to here is settled
  incarnation bytea   NOT NULL,   -- the sender's outbox
  next_number bigint  NOT NULL,   -- the number that it takes next
  PRIMARY KEY (recipient, sender)
) WITH (fillfactor = 50);           -- its rows change with each turn, in place

-- Settled ahead of lane.done.
CREATE TABLE done_ahead (
  recipient   integer NOT NULL,
  sender      integer NOT NULL,
  sequence    bigint  NOT NULL,
  PRIMARY KEY (recipient, sender, sequence)
);

-- Bodies lie in partitions by day of acceptance, dropped whole.
CREATE TABLE message (
  day         integer NOT NULL,   -- days since 1970-01-01
  recipient   integer NOT NULL,
  sender      integer NOT NULL,
  sequence    bigint  NOT NULL,
  accepted_at bigint  NOT NULL,
  audit       bigint  NOT NULL,   -- number of its audit entry
  referral    bigint  NOT NULL,
  event       smallint NOT NULL,
  by_broker   boolean NOT NULL,
  erased      boolean NOT NULL DEFAULT false,
  message_id  bytea   NOT NULL,
  standing    bytea   NOT NULL,   -- Standing right after it
  header      bytea   NOT NULL,   -- the sender's bytes
  body        bytea   NOT NULL,   -- sealed
  PRIMARY KEY (recipient, sender, sequence, day)
) PARTITION BY RANGE (day);
ALTER TABLE message ALTER COLUMN body SET STORAGE EXTERNAL;  -- sealed bytes do not compress
CREATE INDEX message_referral ON message (referral);
CREATE INDEX message_revoke ON message (recipient, sender, sequence) WHERE event = 15;  -- they overtake

-- Makes the partition of a day, once.
CREATE FUNCTION make_partition (wanted integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF to_regclass (format ('message_%s', wanted)) IS NULL THEN
    EXECUTE format ('CREATE TABLE message_%s PARTITION OF message FOR VALUES FROM (%s) TO (%s)',
                    wanted, wanted, wanted + 1);
  END IF;
END $$;

-- Refusals, until their sender says that it has stored them.
CREATE TABLE refusal (
  recipient   integer NOT NULL,
  sender      integer NOT NULL,
  number      bigint  NOT NULL,
  fault       text    NOT NULL,
  standing    bytea,
  PRIMARY KEY (recipient, sender, number)
);

CREATE TABLE referral (
  no          bigint  PRIMARY KEY, -- the short reference is made from it
  id          bytea   NOT NULL UNIQUE,
  chain       bytea   NOT NULL,
  parties     integer[] NOT NULL, -- of the legs up to this one, in order
  referrer    integer NOT NULL,   -- no foreign keys here: two more look-ups a row
  receiver    integer NOT NULL,
  origin      bytea   NOT NULL,
  state       smallint NOT NULL,
  version     integer NOT NULL,
  questions   integer[] NOT NULL, -- open ones
  next_question integer NOT NULL,
  withdrawal_wished boolean NOT NULL,
  sent_at     bigint  NOT NULL,
  state_at    bigint  NOT NULL,   -- the present state was entered
  remind1_at  bigint  NOT NULL,   -- 0: not, or done
  remind2_at  bigint  NOT NULL,
  expire_at   bigint  NOT NULL,
  contact_at  bigint  NOT NULL,
  paused_at   bigint  NOT NULL,   -- the answer's clock stands since; 0: it runs
  resume_at   bigint  NOT NULL,   -- the pause ends at the latest
  due_at      bigint,             -- the next of them; null: none
  UNIQUE (referrer, origin)
) WITH (fillfactor = 50);           -- room for RECEIPT to change the row without its indexes
CREATE INDEX referral_due ON referral (due_at) WHERE due_at IS NOT NULL;

-- Origin keys of events other than SEND: one act is one message.
CREATE TABLE event_origin (
  referral    bigint  NOT NULL,
  sender      integer NOT NULL,
  origin      bytea   NOT NULL,
  PRIMARY KEY (referral, sender, origin)
);

-- The recipient's signed lists of what it has done.
CREATE TABLE done_report (
  recipient   integer NOT NULL,
  inbox       bytea   NOT NULL,
  batch       bigint  NOT NULL,
  at          bigint  NOT NULL,
  list        bytea   NOT NULL,
  signature   bytea   NOT NULL,
  PRIMARY KEY (recipient, inbox, batch)
);

CREATE TABLE inbox (
  recipient   integer PRIMARY KEY,
  inbox       bytea   NOT NULL,
  last_batch  bigint  NOT NULL
);

CREATE TABLE dead_letter (
  no          bigserial PRIMARY KEY,
  recipient   integer NOT NULL,
  sender      integer NOT NULL,
  sequence    bigint  NOT NULL,
  replay      integer NOT NULL,   -- how often it has been replayed
  referral    bigint  NOT NULL,
  reason      smallint NOT NULL,
  text        text    NOT NULL,
  attempts    integer NOT NULL,
  dead_at     bigint  NOT NULL,
  state       text    NOT NULL CHECK (state IN ('dead', 'replaying', 'done')),
  UNIQUE (recipient, sender, sequence)
);

-- The catalogue: the last revision of each offering, in the order of commits.
CREATE TABLE offering (
  publisher   integer NOT NULL REFERENCES partner,
  key         text    NOT NULL,
  revision    integer NOT NULL,
  withdrawn   boolean NOT NULL,
  change      bigint  NOT NULL UNIQUE,
  accepted_at bigint  NOT NULL,
  kind        text    NOT NULL,
  status      text    NOT NULL,
  referable   boolean NOT NULL,
  title       text    NOT NULL,   -- in the publisher's first language, for operators
  content_sha256 bytea NOT NULL,
  header      bytea   NOT NULL,
  body        bytea   NOT NULL,
  PRIMARY KEY (publisher, key)
);

CREATE TABLE offering_revision (
  publisher   integer NOT NULL,
  key         text    NOT NULL,
  revision    integer NOT NULL,
  accepted_at bigint  NOT NULL,
  header      bytea   NOT NULL,
  body        bytea   NOT NULL,
  PRIMARY KEY (publisher, key, revision)
);

-- The audit log.  `entry` is the record itself (an AuditEntry, its bytes
-- written once); the columns beside it are for questions by SQL.
CREATE TABLE audit_entry (
  number      bigint  PRIMARY KEY,
  at          bigint  NOT NULL,
  kind        smallint NOT NULL,
  actor       integer,            -- partner; null: the broker or its operator
  counterpart integer,
  referral    bigint,
  event       smallint NOT NULL,
  from_state  smallint NOT NULL,
  to_state    smallint NOT NULL,
  version     integer NOT NULL,
  sequence    bigint  NOT NULL,
  detail      text    NOT NULL,   -- fault, codes or subject
  entry       bytea   NOT NULL
);
CREATE INDEX audit_entry_referral ON audit_entry (referral, number) WHERE referral IS NOT NULL;
CREATE INDEX audit_entry_at ON audit_entry USING brin (at);

INSERT INTO schema_version (version) VALUES (1);
