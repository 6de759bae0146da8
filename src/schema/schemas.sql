-- Which schemas are there, and whose are they?
select n.oid, n.nspname as name, pg_get_userbyid(n.nspowner) as owner
from pg_namespace n
where n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_namespace'::regclass and e.objid = n.oid and e.deptype = 'e'
  )
