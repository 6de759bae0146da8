-- Which casts are there?
-- Those of kind 'i' belong to a type: from a range type to its multirange type.
select
  c.oid,
  format_type(c.castsource, null) as source,
  format_type(c.casttarget, null) as target,
  c.castmethod::text as method,
  c.castcontext::text as context,
  case when c.castfunc <> 0 then c.castfunc::regprocedure::text end as function
from pg_cast c
where c.oid >= 16384
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_cast'::regclass and e.objid = c.oid and e.deptype in ('e', 'i')
  )
