-- Which domains are there, with which defaults and constraints?
-- NOT NULL has a row in pg_constraint since PostgreSQL 17.
select
  t.oid, n.nspname as schema, t.typname as name, pg_get_userbyid(t.typowner) as owner,
  format_type(t.typbasetype, t.typtypmod) as base,
  t.typnotnull as "isNotNull",
  coalesce(pg_get_expr(t.typdefaultbin, 'pg_type'::regclass), quote_literal(t.typdefault))
    as default,
  (select json_build_array(cn.nspname, co.collname)
   from pg_collation co join pg_namespace cn on cn.oid = co.collnamespace
   where co.oid = t.typcollation and t.typcollation <> b.typcollation) as collation,
  (select coalesce(json_agg(json_build_object(
      'oid', c.oid::int8,
      'name', c.conname,
      'isNotNull', c.contype = 'n',
      'isValid', c.convalidated,
      'definition', case c.contype when 'c' then pg_get_constraintdef(c.oid) end)
      order by c.conname), '[]')
   from pg_constraint c where c.contypid = t.oid) as constraints
from pg_type t
join pg_type b on b.oid = t.typbasetype
join pg_namespace n on n.oid = t.typnamespace
where t.typtype = 'd'
  and n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_type'::regclass and e.objid = t.oid and e.deptype = 'e'
  )
