-- What are the types of columns made of: labels of enums, base and checks of domains, members of composites?
select
  t.oid::int8::text as oid,
  t.typname as name,
  t.typnamespace = 'pg_catalog'::regnamespace as "isBuiltIn",
  t.typtype::text as kind,
  t.typcategory::text as category,
  case when t.typcategory = 'A' and t.typelem <> 0 then t.typelem::int8::text end as element,
  case when t.typtype = 'd' then t.typbasetype::int8::text end as base,
  t.typtypmod as modifier,
  t.typnotnull as "isNotNull",
  format_type(t.oid, null) as "typeName",
  (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid) as labels,
  (select json_agg(json_build_object('name', k.conname,
     'expression', pg_get_expr(k.conbin, 0)) order by k.conname collate "C")
   from pg_constraint k where k.contypid = t.oid and k.contype = 'c') as checks,
  (select json_agg(json_build_object('name', a.attname, 'type', a.atttypid::int8::text, 'modifier', a.atttypmod)
     order by a.attnum)
   from pg_attribute a where a.attrelid = t.typrelid and t.typtype = 'c' and a.attnum > 0 and not a.attisdropped) as members,
  coalesce(r.rngsubtype, m.rngsubtype)::int8::text as subtype,
  m.rngtypid is not null as "isMultirange"
from pg_type t
left join pg_range r on r.rngtypid = t.oid
left join pg_range m on m.rngmultitypid = t.oid
where t.typtype in ('b', 'd', 'e', 'r', 'm', 'c')
