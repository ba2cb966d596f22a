-- 009-recovery.sql - a database that was restored: how it is noticed, and what is known of it.

-- Names the life of this database: another one after a restore, a promotion or a move.
CREATE FUNCTION kask_life () RETURNS text LANGUAGE sql STABLE AS $$
  SELECT system_identifier || '/' || substr (pg_walfile_name (pg_current_wal_lsn ()), 1, 8)
    FROM pg_control_system ()
$$;

-- The life in which all that was accepted is known to be here; empty: the first one.
ALTER TABLE broker ADD COLUMN life text NOT NULL DEFAULT '';
-- Another life began when this was the time of the last entry, and not all partners have been heard
-- since; 0: they have.
ALTER TABLE broker ADD COLUMN suspect_from bigint NOT NULL DEFAULT 0;
-- The same, of the last restore that an operator recovered from; 0: never.
ALTER TABLE broker ADD COLUMN restored_from bigint NOT NULL DEFAULT 0;

INSERT INTO schema_version (version) VALUES (9);
