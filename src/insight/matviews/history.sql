-- How was each materialized view refreshed last, how long did it take, and did a later attempt fail?
select /* pgwright insight */ last.view_oid::text as oid,
       last.started_at as "refreshedAt",
       last.data_as_of as "dataAsOf",
       last.is_concurrent as "isConcurrent",
       last.rows_after::float8 as rows,
       last.rows_added::float8 as added,
       last.rows_removed::float8 as removed,
       last.sources,
       extract(epoch from now() - last.data_as_of)::float8 as age,
       (select json_agg(took order by id desc)
        from (select id, extract(epoch from finished_at - started_at)::float8 * 1000 as took
              from pgwright.matview_log t
              where (t.view_schema, t.view_name, t.view_oid) = (last.view_schema, last.view_name, last.view_oid)
                and t.outcome = 'refreshed'
              order by id desc limit 5) few) as durations,
       (select json_build_object('at', f.started_at, 'sqlstate', f.sqlstate, 'message', f.message)
        from pgwright.matview_log f
        where (f.view_schema, f.view_name, f.view_oid) = (last.view_schema, last.view_name, last.view_oid)
          and f.outcome = 'failed' and f.id > last.id
        order by f.id desc limit 1) as failure
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
cross join lateral (
  select * from pgwright.matview_log l
  where (l.view_schema, l.view_name, l.view_oid) = (n.nspname, c.relname, c.oid) and l.outcome = 'refreshed'
  order by l.id desc limit 1
) last
where c.relkind = 'm'
