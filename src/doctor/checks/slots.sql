-- Which replication slots are used by nobody, or lost, and how much WAL does each keep on disk?
select s.slot_name as name,
       s.slot_type as type,
       coalesce(s.database, '') as database,
       s.wal_status as "walStatus",
       s.active as "isActive",
       s.restart_lsn is not null as "keepsWal",
       pg_wal_lsn_diff(
         case when pg_is_in_recovery()
              then coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
              else pg_current_wal_lsn() end, s.restart_lsn)::float8 as bytes,
       -- Columns of 17 and later.
       to_jsonb(s) ->> 'invalidation_reason' as reason,
       extract(epoch from clock_timestamp() - (to_jsonb(s) ->> 'inactive_since')::timestamptz)::float8 as "inactiveSeconds"
from pg_replication_slots s
where not s.temporary
  -- On a standby, synchronised slots (17) are the primary's: nobody uses them here until a failover.
  and not coalesce((to_jsonb(s) ->> 'synced')::boolean, false)
  and (not s.active or s.wal_status in ('unreserved', 'lost'))
order by s.slot_name
