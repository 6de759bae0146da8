-- Where snapshots of query statistics are kept: what each is, and its entries, as in the files.
CREATE TABLE IF NOT EXISTS pgwright.query_snapshots (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- By the server's clock, as in the head.
  taken_at timestamptz NOT NULL,
  taken_by text NOT NULL DEFAULT session_user,
  head json NOT NULL,
  statements json NOT NULL
);
CREATE INDEX IF NOT EXISTS query_snapshots_of_time ON pgwright.query_snapshots (taken_at DESC, id DESC);
COMMENT ON TABLE pgwright.query_snapshots IS 'Snapshots of pg_stat_statements; see pgwright slow-queries snapshot --table';
