-- Which constraints do tables have besides NOT NULL?
-- Rows that a foreign key has once more for each partition of the table it references are its own
-- affair. NOT ENFORCED came with PostgreSQL 18.
select
  c.oid,
  c.conrelid as relation,
  c.contype::text as type,
  c.conname as name,
  pg_get_constraintdef(c.oid) as definition,
  c.conindid as index,
  i.indisvalid as "isIndexValid",
  c.convalidated as "isValid",
  coalesce((to_jsonb(c) ->> 'conenforced')::boolean, true) as "isEnforced",
  c.conislocal as "isLocal",
  c.coninhcount > 0 as "isInherited",
  c.conparentid as parent,
  p.conname as "parentName"
from pg_constraint c
left join pg_constraint p on p.oid = c.conparentid
left join pg_index i on i.indexrelid = c.conindid and i.indrelid = c.conrelid
where c.contype in ('c', 'p', 'u', 'x', 'f')
  and c.conrelid >= 16384
  and (p.oid is null or p.conrelid <> c.conrelid)
