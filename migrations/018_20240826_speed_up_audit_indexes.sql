-- The indexes of the log become cheaper to keep. Keys and names of tables compare by their bytes, which
-- no language orders, and the primary key begins with the time: new entries go to its end, and it serves
-- ranges of time, for which the BRIN index was there.
-- Builds the indexes anew: on a long log detach old months first, or give it a quiet hour.
-- lint:ignore add-primary-key: the log of a new database is short; an old one is given its maintenance window
-- lint:ignore change-column-type: the log of a new database is short; an old one is given its maintenance window

-- migrate:up

ALTER TABLE shared.audit_log
    ALTER COLUMN table_name TYPE VARCHAR(255) COLLATE "C",
    ALTER COLUMN record_id TYPE TEXT COLLATE "C";
ALTER TABLE shared.audit_log DROP CONSTRAINT audit_log_pkey;
ALTER TABLE shared.audit_log ADD CONSTRAINT audit_log_pkey PRIMARY KEY (changed_at, id);
DROP INDEX shared.idx_audit_log_changed_at;

-- migrate:down

CREATE INDEX idx_audit_log_changed_at ON shared.audit_log USING BRIN (changed_at);
ALTER TABLE shared.audit_log DROP CONSTRAINT audit_log_pkey;
ALTER TABLE shared.audit_log ADD CONSTRAINT audit_log_pkey PRIMARY KEY (id, changed_at);
ALTER TABLE shared.audit_log
    ALTER COLUMN table_name TYPE VARCHAR(255) COLLATE "default",
    ALTER COLUMN record_id TYPE TEXT COLLATE "default";
