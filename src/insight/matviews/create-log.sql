-- Where refreshes of materialized views are recorded: the newest of a view says how it stands.
CREATE TABLE IF NOT EXISTS pgwright.matview_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  view_schema text NOT NULL,
  view_name text NOT NULL,
  -- A view that was dropped and made again is another one.
  view_oid oid NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('refreshed', 'failed')),
  is_concurrent boolean NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Nothing that was committed before is missing in the view; moves on when nothing has changed since.
  data_as_of timestamptz,
  rows_after bigint,
  -- Known of a concurrent refresh, which writes only the difference.
  rows_added bigint,
  rows_removed bigint,
  -- What was read, as counters of its rows: equal ones mean that it has not changed.
  sources json,
  sqlstate text,
  message text,
  done_by text NOT NULL DEFAULT session_user
);
CREATE INDEX IF NOT EXISTS matview_log_of_view ON pgwright.matview_log (view_schema, view_name, id DESC);
COMMENT ON TABLE pgwright.matview_log IS 'Refreshes of materialized views, done and failed; see pgwright matviews list';
