-- Which enum types are there, with which labels in order?
select
  t.oid, n.nspname as schema, t.typname as name, pg_get_userbyid(t.typowner) as owner,
  array_to_json(array(
    select e.enumlabel from pg_enum e where e.enumtypid = t.oid order by e.enumsortorder
  )) as labels
from pg_type t
join pg_namespace n on n.oid = t.typnamespace
where t.typtype = 'e'
  and n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_type'::regclass and e.objid = t.oid and e.deptype = 'e'
  )
