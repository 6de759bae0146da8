-- What does the server do right now: waits, long transactions, blockers?
select /* pgwright insight */ a.pid, coalesce(a.usename::text, '') as role, coalesce(a.state, '') as state,
       coalesce(a.wait_event_type || ': ' || a.wait_event, '') as wait,
       extract(epoch from clock_timestamp() - a.xact_start)::float8 as seconds,
       coalesce(array_to_string(pg_blocking_pids(a.pid), ', '), '') as blockers
from pg_stat_activity a
where a.datname = current_database() and a.pid <> pg_backend_pid() and a.xact_start is not null
order by a.xact_start
limit 10
