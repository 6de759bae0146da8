-- Which functions and procedures are there, and what makes them again?
-- Those of kind 'i' belong to a type: the constructors of a range type.
select
  p.oid, n.nspname as schema, p.proname as name, pg_get_userbyid(p.proowner) as owner,
  p.prokind = 'p' as "isProcedure",
  pg_get_function_identity_arguments(p.oid) as arguments,
  pg_get_functiondef(p.oid) as definition
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
where p.prokind <> 'a'
  and n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype in ('e', 'i')
  )
