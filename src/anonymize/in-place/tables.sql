-- Which tables hold rows of their own, which do they refer to, and how often are they indexed?
select
  c.oid::int8::float8 as oid, n.nspname as schema, c.relname as name,
  (select json_build_object('oid', r.oid::int8::float8, 'schema', rn.nspname, 'name', r.relname)
   from pg_class r join pg_namespace rn on rn.oid = r.relnamespace
   where c.relispartition and r.oid = pg_partition_root(c.oid)) as root,
  (select coalesce(json_agg(distinct pk.oid::int8::float8), '[]') from pg_constraint k
   join pg_class pk on pk.oid = k.confrelid
   where k.conrelid = c.oid and k.contype = 'f') as "refersTo",
  (select coalesce(json_agg(a.attname order by a.attnum), '[]') from pg_attribute a
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and c.relpersistence <> 't'
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
order by pg_relation_size(c.oid) desc, c.oid
