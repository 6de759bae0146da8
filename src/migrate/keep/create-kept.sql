-- Where it is written down what rollbacks have kept, and in which table.
create table if not exists pgwright.kept_data (
  id bigint primary key,
  version text not null,
  file text not null,
  object text not null,
  -- What is needed to put it back, as pgwright's docs/formats.md has it.
  shape jsonb not null,
  -- Of the sequences that belong to the columns: column, last_value, is_called. Of others, which the rollback has dropped or set
  -- back, also their oid, name, table and direction.
  sequences jsonb not null default '[]',
  kept_at timestamptz not null default now(),
  kept_by text not null default session_user,
  kept_rows bigint,
  -- Null until a migration has put it back.
  restored_at timestamptz,
  -- Rows that have no place any more; they stay in the table.
  rows_left bigint,
  -- The ledger that the version is one of, as SQL, and the checksum of the up section; null in what older versions have kept.
  ledger text,
  checksum text
)
