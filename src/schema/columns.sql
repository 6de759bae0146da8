-- Which columns do tables, foreign tables and views have?
-- Column statistics targets are null since PostgreSQL 17 where they were -1.
select
  a.attrelid as relation,
  a.attnum as number,
  a.attname as name,
  format_type(a.atttypid, a.atttypmod) as type,
  (select json_build_array(n.nspname, co.collname)
   from pg_collation co join pg_namespace n on n.oid = co.collnamespace
   where co.oid = a.attcollation and a.attcollation <> t.typcollation) as collation,
  a.attnotnull as "isNotNull",
  k.oid as "notNull",
  k.conname as "notNullName",
  k.convalidated as "isNotNullValid",
  k.connoinherit as "isNotNullNoInherit",
  k.conislocal as "isNotNullLocal",
  d.oid as "defaultOid",
  pg_get_expr(d.adbin, d.adrelid) as default,
  a.attgenerated::text as generated,
  a.attidentity::text as identity,
  case when a.attstorage <> t.typstorage then a.attstorage::text end as storage,
  t.typstorage::text as "typeStorage",
  a.attcompression::text as compression,
  case when a.attstattarget >= 0 then a.attstattarget end as "statisticsTarget",
  array_to_json(coalesce(a.attoptions, '{}')) as options,
  (select coalesce(json_agg(json_build_array(o.option_name, o.option_value)
     order by o.option_name collate "C"), '[]')
   from pg_options_to_table(a.attfdwoptions) o) as "foreignOptions",
  a.attislocal as "isLocal",
  a.attinhcount > 0 as "isInherited"
from pg_attribute a
join pg_class c on c.oid = a.attrelid
join pg_type t on t.oid = a.atttypid
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
left join pg_constraint k
  on k.conrelid = a.attrelid and k.contype = 'n' and k.conkey = array[a.attnum]
where c.relkind in ('r', 'p', 'f', 'v', 'm')
  and c.oid >= 16384
  and a.attnum > 0
  and not a.attisdropped
order by a.attrelid, a.attnum
