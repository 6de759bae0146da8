-- Which collations are there?
-- The locale's column is colliculocale in 15 and 16, colllocale since 17; rules came with 16.
select
  c.oid, n.nspname as schema, c.collname as name, pg_get_userbyid(c.collowner) as owner,
  c.collprovider::text as provider,
  c.collisdeterministic as "isDeterministic",
  c.collcollate as "lcCollate",
  c.collctype as "lcCtype",
  coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale') as locale,
  to_jsonb(c) ->> 'collicurules' as rules
from pg_collation c
join pg_namespace n on n.oid = c.collnamespace
where n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_collation'::regclass and e.objid = c.oid and e.deptype = 'e'
  )
