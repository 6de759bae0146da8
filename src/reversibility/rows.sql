-- Which tables hold rows of their own, with their columns? Partitions count with their root.
-- $1 and $2: schema and name of the ledger, which is left out with its log.
select
  c.oid::bigint::text as oid,
  n.nspname as schema,
  c.relname as name,
  (select coalesce(json_agg(json_build_object('name', a.attname, 'number', a.attnum) order by a.attnum), '[]')
   from pg_attribute a
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
  (select coalesce(json_agg(a.attname order by a.attnum), '[]')
   from pg_index x join pg_attribute a on a.attrelid = c.oid and a.attnum = any (x.indkey)
   where x.indrelid = c.oid and x.indisprimary) as "primaryKey"
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p')
  and not c.relispartition
  and c.relpersistence <> 't'
  and n.nspname not in ('pg_catalog', 'information_schema', 'pgwright')
  and not (n.nspname = $1::text and c.relname in ($2::text, $2::text || '_log'))
  and not exists (
    select from pg_depend d
    where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by n.nspname collate "C", c.relname collate "C"
