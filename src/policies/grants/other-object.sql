-- Whose is the relation $1 (a name as SQL) or the function $2 (an oid): which schema, and which extension if any?
with found as (
  select 'pg_class'::regclass::oid as class, c.oid, c.relnamespace as namespace
  from pg_class c where c.oid = to_regclass($1::text)
  union all
  select 'pg_proc'::regclass, p.oid, p.pronamespace from pg_proc p where p.oid = $2::text::oid
)
select n.nspname::text as schema, e.extname::text as extension
from found f
join pg_namespace n on n.oid = f.namespace
left join pg_depend d on d.classid = f.class and d.objid = f.oid and d.objsubid = 0 and d.deptype = 'e'
  and d.refclassid = 'pg_extension'::regclass
left join pg_extension e on e.oid = d.refobjid
