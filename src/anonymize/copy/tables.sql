-- Which tables hold rows of their own, how large are they, and can these travel in binary form?
-- Types whose binary form is the same on all servers, numbers of types (in arrays of enums, in
-- records), locale (money) or version of an extension aside.
with recursive below as (
  select oid, oid as base from pg_type where typtype <> 'd'
  union all
  select d.oid, below.base from pg_type d join below on below.oid = d.typbasetype where d.typtype = 'd'
), plain as (
  select oid, typarray from pg_type
  where typnamespace = 'pg_catalog'::regnamespace
    and typname in ('bool', 'int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'text', 'varchar',
                    'bpchar', 'name', 'date', 'time', 'timetz', 'timestamp', 'timestamptz', 'interval',
                    'uuid', 'bytea', 'json', 'jsonb', 'inet', 'cidr', 'macaddr', 'macaddr8', 'bit', 'varbit')
), portable as (
  select oid from plain union all select typarray from plain
  union all select oid from pg_type where typtype = 'e'
)
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
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
  not exists (
    select from pg_attribute a join below on below.oid = a.atttypid
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      and below.base not in (select oid from portable)) as "isPortable"
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join pg_am am on am.oid = c.relam
where c.relkind = 'r' and c.relpersistence <> 't'
  and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'pgwright')
  -- What an extension made comes with the extension.
  and not exists (select from pg_depend d
                  where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by n.nspname, c.relname
