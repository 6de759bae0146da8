-- Which standbys are connected here, how far behind are they, and must commits wait for one that is not there?
with position as (
  select case when pg_is_in_recovery()
              then coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
              else pg_current_wal_lsn() end as lsn
)
select (select coalesce(json_agg(json_build_object(
          'name', coalesce(r.application_name, ''),
          'address', coalesce(host(r.client_addr), 'a local socket'),
          'state', r.state,
          'lagBytes', pg_wal_lsn_diff(p.lsn, r.replay_lsn)::float8,
          'lagSeconds', extract(epoch from r.replay_lag)::float8) order by r.application_name, r.pid), '[]'::json)
        from pg_stat_replication r
        -- pg_basebackup sends WAL and never replays any.
        where r.state is distinct from 'backup') as standbys,
       (select count(*)::int from pg_stat_replication r where r.sync_state in ('sync', 'quorum')) as "syncCount"
from position p
