-- What this database is: a copy without originals, and whether it is complete; which parts have been copied.
create table pgwright.anonymized_copy (
  only_row boolean primary key default true check (only_row),
  state text not null default 'incomplete' check (state in ('incomplete', 'complete')),
  phase text not null default 'schema' check (phase in ('schema', 'rows', 'objects', 'complete')),
  pieces_done integer not null default 0,
  source_system text,
  source_database text not null,
  source_snapshot text not null,
  source_replayed text,
  plan_hash text not null,
  tool_version text not null,
  started_at timestamptz not null default now(),
  finished_at timestamptz
);
comment on table pgwright.anonymized_copy is
  'This database is made by pgwright anonymize run; while state is incomplete, rows, keys or views are missing';
create table pgwright.anonymized_part (
  unit text primary key,
  rows bigint not null,
  bytes bigint not null
);
comment on table pgwright.anonymized_part is 'Parts of tables that an unfinished pgwright anonymize run has copied'
