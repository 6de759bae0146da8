-- Which tables were detached from table $1 to be dropped, and are still there?
select format('%I.%I', n.nspname, c.relname) as sql, pg_get_userbyid(c.relowner) as owner
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and not c.relispartition
  and obj_description(c.oid, 'pg_class') = 'pgwright: retired from ' || $1
order by 1
