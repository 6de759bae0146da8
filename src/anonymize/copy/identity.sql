-- Which database is this, on which server, and what has been committed so far?
select
  case when has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
    then (select system_identifier::text from pg_control_system()) end as system,
  (select oid::int8::text from pg_database where datname = current_database()) as database,
  pg_is_in_recovery() as "isStandby",
  -- The same text twice: in between no transaction that wrote has begun or ended.
  pg_current_snapshot()::text as snapshot,
  -- On a standby that text does not name the transactions in progress, so it must not have replayed anything.
  case when pg_is_in_recovery() then pg_last_wal_replay_lsn()::text end as replayed
