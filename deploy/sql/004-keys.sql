-- 004-keys.sql - a partner's connection key that is about to be replaced, and keys that were revoked.

-- Good until the first hello over curve_key, so that a partner whose adapter has not heard that its
-- new statement is committed still gets in.
ALTER TABLE partner ADD COLUMN curve_key_before bytea UNIQUE;
-- Since then none of the partner's keys counts; 0: they count.
ALTER TABLE partner ADD COLUMN revoked_at bigint NOT NULL DEFAULT 0;

INSERT INTO schema_version (version) VALUES (4);
