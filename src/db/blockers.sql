-- Who blocks the backend $1, and what is it doing? Also: how far is its index build?
select json_build_object(
  'blockers', coalesce((
    select json_agg(json_build_object(
      'pid', a.pid,
      'application', coalesce(a.application_name, ''),
      'role', coalesce(a.usename, '?'),
      'state', coalesce(a.state, 'unknown'),
      'query', coalesce(a.query, ''),
      'seconds', coalesce(extract(epoch from clock_timestamp() - a.xact_start), 0)::float8
    ) order by a.xact_start)
    from pg_stat_activity a
    where a.pid = any (pg_blocking_pids($1))
  ), '[]'::json),
  'index', (
    select json_build_object(
      'phase', p.phase,
      'done', coalesce(nullif(p.blocks_done, 0), p.tuples_done),
      'total', coalesce(nullif(p.blocks_total, 0), p.tuples_total),
      'waitsFor', nullif(p.current_locker_pid, 0))
    from pg_stat_progress_create_index p
    where p.pid = $1
  )
) as report
