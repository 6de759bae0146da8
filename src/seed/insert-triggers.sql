-- Which functions do the INSERT triggers of each table and its partitions call, and is any of them put off to the commit?
select
  c.oid::int8::text as "table",
  json_agg(distinct f.proname) as functions,
  (select json_agg(own.relname) from pg_class own
   where own.oid = c.oid or own.oid in (select relid from pg_partition_tree(c.oid))) as names,
  bool_or(g.tginitdeferred) as "isDeferred"
from pg_class c
cross join lateral (select c.oid as oid union select relid from pg_partition_tree(c.oid)) part
join pg_trigger g on g.tgrelid = part.oid
join pg_proc f on f.oid = g.tgfoid
where c.relkind in ('r', 'p') and not c.relispartition
  and not g.tgisinternal and g.tgenabled <> 'D' and g.tgtype & 4 <> 0
group by c.oid
