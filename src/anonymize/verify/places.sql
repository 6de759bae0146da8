-- What does the target hold in rows: which relations, with which columns,?
with recursive base as (
  select oid, oid as id, typbasetype from pg_type
  union all
  select b.oid, t.oid, t.typbasetype from base b join pg_type t on t.oid = b.typbasetype
)
select
  n.nspname as schema, c.relname as name,
  coalesce((select json_build_object('schema', rn.nspname, 'name', r.relname)
    from pg_class r join pg_namespace rn on rn.oid = r.relnamespace
    where c.relispartition and r.oid = pg_partition_root(c.oid)),
    json_build_object('schema', n.nspname, 'name', c.relname)) as root,
  c.relkind as kind,
  greatest(c.reltuples, 0)::float8 as rows,
  (select coalesce(json_agg(json_build_object('name', a.attname, 'isBytes', t.typname = 'bytea') order by a.attnum), '[]')
   from pg_attribute a
   join base b on b.oid = a.atttypid and b.typbasetype = 0
   join pg_type t on t.oid = b.id
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where (c.relkind = 'r' or c.relkind = 'm' and c.relispopulated)
  and c.relpersistence <> 't'
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
order by n.nspname collate "C", c.relname collate "C"
