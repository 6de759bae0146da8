-- For which tables has somebody agreed that `drop: true` drops partitions with their rows?
CREATE TABLE IF NOT EXISTS pgwright.partition_drops (
  table_name text PRIMARY KEY,
  allowed_by text NOT NULL DEFAULT session_user,
  allowed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE pgwright.partition_drops IS
  'Tables whose old partitions pgwright partitions maintain may drop; given once with --allow-data-loss'
