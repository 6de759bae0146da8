-- Which range types are there, over which subtype?
-- Operator class and collation are given where they are not the subtype's defaults.
select
  t.oid, m.oid as multirange, n.nspname as schema, t.typname as name,
  pg_get_userbyid(t.typowner) as owner,
  format_type(r.rngsubtype, null) as subtype,
  json_build_array(mn.nspname, m.typname) as "multirangeName",
  (select json_build_array(ocn.nspname, oc.opcname)
   from pg_opclass oc join pg_namespace ocn on ocn.oid = oc.opcnamespace
   where oc.oid = r.rngsubopc and not oc.opcdefault) as "operatorClass",
  (select json_build_array(cn.nspname, co.collname)
   from pg_collation co join pg_namespace cn on cn.oid = co.collnamespace
   where co.oid = r.rngcollation and r.rngcollation <> s.typcollation) as collation,
  (select json_build_array(dn.nspname, d.proname)
   from pg_proc d join pg_namespace dn on dn.oid = d.pronamespace
   where d.oid = r.rngsubdiff) as "subtypeDifference",
  r.rngcanonical <> 0 as "hasCanonical"
from pg_range r
join pg_type t on t.oid = r.rngtypid
join pg_type s on s.oid = r.rngsubtype
join pg_type m on m.oid = r.rngmultitypid
join pg_namespace n on n.oid = t.typnamespace
join pg_namespace mn on mn.oid = m.typnamespace
where n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_type'::regclass and e.objid = t.oid and e.deptype = 'e'
  )
