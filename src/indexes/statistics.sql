-- Since when do this database's counters count, and which servers have counters of their own?
-- A crash throws all counters away and leaves the time of that with the background writer's.
select /* pgwright insight */ extract(epoch from now() - since)::float8 as "ageSeconds",
       to_char(since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since,
       current_setting('track_counts') = 'on' as "isCounting",
       pg_is_in_recovery() as "isStandby",
       (select count(*)::int from pg_stat_replication r
        where r.pid not in (select s.active_pid from pg_replication_slots s
                            where s.slot_type = 'logical' and s.active_pid is not null)) as standbys
from (select greatest(d.stats_reset, w.stats_reset, case when d.stats_reset is null and w.stats_reset is null
                                                         then pg_postmaster_start_time() end) as since
      from pg_stat_database d, pg_stat_bgwriter w
      where d.datname = current_database()) counters
