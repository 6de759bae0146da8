-- Which tables hold rows of their own, and how large are they?
select
  c.oid, n.nspname as schema, c.relname as name,
  pg_relation_size(c.oid)::float8 / current_setting('block_size')::float8 as blocks,
  pg_table_size(c.oid)::float8 as bytes,
  greatest(c.reltuples, 0)::float8 as rows,
  am.amname = 'heap' as "isHeap",
  c.relpersistence = 'u' as "isUnlogged",
  row_security_active(c.oid) as "isHidden",
  case when c.relispartition then pg_partition_root(c.oid)::oid::int8::text end as root,
  (select coalesce(json_agg(a.attname order by a.attnum), '[]')
   from pg_attribute a
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join pg_am am on am.oid = c.relam
where c.relkind = 'r' and c.relpersistence <> 't'
  and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'pgwright')
  -- What an extension made comes with the extension.
  and not exists (select from pg_depend d
                  where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by n.nspname, c.relname
