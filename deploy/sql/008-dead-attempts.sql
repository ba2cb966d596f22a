-- 008-dead-attempts.sql - each attempt on a dead letter, and why it failed.

CREATE TABLE dead_attempt (
  recipient   integer NOT NULL,
  sender      integer NOT NULL,
  sequence    bigint  NOT NULL,
  replay      integer NOT NULL,
  no          integer NOT NULL,   -- from 1 in each replay, oldest first
  at          bigint  NOT NULL,   -- by the recipient's clock, its claim
  reason      smallint NOT NULL,
  text        text    NOT NULL,
  PRIMARY KEY (recipient, sender, sequence, replay, no)
);

INSERT INTO schema_version (version) VALUES (8);
