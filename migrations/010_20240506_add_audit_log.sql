-- Where changes are recorded. The table only: which tables are audited is policy, not schema.

-- migrate:up

-- Orders the entries of one transaction, which all have the same changed_at. A sequence of its own,
-- because identity columns of partitioned tables behave differently before PostgreSQL 17.
CREATE SEQUENCE shared.audit_log_seq;

COMMENT ON SEQUENCE shared.audit_log_seq IS 'Numbers the entries of audit_log in the order of writing';

-- No foreign key on changed_by: a deleted user's changes stay on record, and an audited write does
-- not lock the row of its author. The default leaf is right here even when it grows: losing an entry
-- would be worse.
CREATE TABLE shared.audit_log (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    table_name VARCHAR(255) NOT NULL,
    record_id TEXT,
    operation VARCHAR(10) NOT NULL CHECK (operation IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')),
    old_values JSONB,
    new_values JSONB,
    changed_by UUID,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    seq BIGINT NOT NULL DEFAULT nextval('shared.audit_log_seq'),
    xid XID8 NOT NULL DEFAULT pg_current_xact_id(),
    session_role TEXT NOT NULL DEFAULT SESSION_USER,
    application_name TEXT DEFAULT current_setting('application_name', true),
    client_address INET DEFAULT inet_client_addr(),
    PRIMARY KEY (id, changed_at)
) PARTITION BY RANGE (changed_at);

ALTER SEQUENCE shared.audit_log_seq OWNED BY shared.audit_log.seq;

CREATE TABLE shared.audit_log_2024_01 PARTITION OF shared.audit_log
    FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2024-02-01 00:00:00+00');
CREATE TABLE shared.audit_log_2024_02 PARTITION OF shared.audit_log
    FOR VALUES FROM ('2024-02-01 00:00:00+00') TO ('2024-03-01 00:00:00+00');
CREATE TABLE shared.audit_log_default PARTITION OF shared.audit_log DEFAULT;

CREATE INDEX idx_audit_log_record ON shared.audit_log (table_name, record_id);
-- BRIN: entries arrive in the order of time, and it is about a thousandth of a btree's size.
CREATE INDEX idx_audit_log_changed_at ON shared.audit_log USING BRIN (changed_at);

COMMENT ON TABLE shared.audit_log IS 'Every change of an audited table, one partition per month (UTC) of changed_at';
COMMENT ON COLUMN shared.audit_log.id IS 'Unique entry identifier';
COMMENT ON COLUMN shared.audit_log.table_name IS 'Changed table, with its schema; the parent where the table is partitioned';
COMMENT ON COLUMN shared.audit_log.record_id IS 'Primary key of the changed row as text; empty for TRUNCATE and for tables without one';
COMMENT ON COLUMN shared.audit_log.operation IS 'What was done (INSERT, UPDATE, DELETE, TRUNCATE)';
COMMENT ON COLUMN shared.audit_log.old_values IS 'Values before: the changed columns of an UPDATE, the whole row of a DELETE';
COMMENT ON COLUMN shared.audit_log.new_values IS 'Values after: the changed columns of an UPDATE, the whole row of an INSERT';
COMMENT ON COLUMN shared.audit_log.changed_by IS 'ID of user on whose behalf the application acted; empty outside the application';
COMMENT ON COLUMN shared.audit_log.changed_at IS 'Start of the transaction that made the change; decides the partition';
COMMENT ON COLUMN shared.audit_log.seq IS 'Order of writing';
COMMENT ON COLUMN shared.audit_log.xid IS 'Transaction that made the change';
COMMENT ON COLUMN shared.audit_log.session_role IS 'Database role that logged in';
COMMENT ON COLUMN shared.audit_log.application_name IS 'Application name of the session';
COMMENT ON COLUMN shared.audit_log.client_address IS 'Network address of the client; empty for a local socket';

-- migrate:down

DROP TABLE shared.audit_log;
