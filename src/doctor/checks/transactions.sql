-- Which transactions in this database are idle for over $1 s, run for over $2 s, or block others for over $3 s?
with sessions as (
  select * from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()
    and coalesce(backend_type, 'client backend') = 'client backend'
), waits as (
  -- pg_blocking_pids() stops the lock manager for a moment: only for those that wait, and not for all.
  select w.pid, b.blocker, extract(epoch from clock_timestamp() - w.state_change)::float8 as seconds
  from (select * from sessions where wait_event_type = 'Lock' order by state_change limit 20) w
  cross join unnest(pg_blocking_pids(w.pid)) as b (blocker)
)
select s.pid,
       coalesce(s.application_name, '') as application,
       quote_ident(s.usename) as role,
       s.state,
       s.query,
       extract(epoch from clock_timestamp() - s.xact_start)::float8 as seconds,
       extract(epoch from clock_timestamp() - s.state_change)::float8 as "stateSeconds",
       case when s.backend_xmin is not null then age(s.backend_xmin) end as "xminAge",
       (select coalesce(json_agg(distinct w.pid), '[]'::json) from waits w where w.blocker = s.pid) as blocks
from sessions s
where s.xact_start is not null
  and ((s.state like 'idle in transaction%' and clock_timestamp() - s.state_change > make_interval(secs => $1::float8))
       or (s.state not like 'idle in transaction%' and clock_timestamp() - s.xact_start > make_interval(secs => $2::float8))
       or exists (select from waits w where w.blocker = s.pid and w.seconds > $3::float8))
order by s.xact_start
