-- What are the types of columns made of: base of domains, labels of enums, elements of arrays?
select
  t.oid::int8::text as oid,
  t.typname as name,
  format_type(t.oid, null) as "typeName",
  t.typtype::text as kind,
  case when t.typcategory = 'A' and t.typelem <> 0 and t.typlen = -1 then t.typelem::int8::text end as element,
  case when t.typtype = 'd' then t.typbasetype::int8::text end as base,
  t.typtypmod as modifier,
  t.typnotnull as "isNotNull",
  t.typnamespace = 'pg_catalog'::regnamespace as "isBuiltIn",
  (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid) as labels,
  (select json_agg(pg_get_expr(k.conbin, 0) order by k.conname collate "C") from pg_constraint k
   where k.contypid = t.oid and k.contype = 'c') as checks
from pg_type t
where t.typtype in ('b', 'd', 'e', 'r', 'm', 'c')
