-- Which foreign keys keep these tables (their oids, as JSON) from being emptied, because they belong to tables that stay?
-- TRUNCATE refuses them even where the other table has no row.
select
  tn.nspname || '.' || t.relname as target,
  n.nspname || '.' || c.relname as referrer,
  k.conname as name
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_class t on t.oid = k.confrelid
join pg_namespace tn on tn.oid = t.relnamespace
where k.contype = 'f'
  and k.conparentid = 0
  and k.confrelid in (select json_array_elements_text($1::text::json)::oid)
  and k.conrelid not in (select json_array_elements_text($1::text::json)::oid)
  and not exists (select from pg_partition_ancestors(k.conrelid) a
    where a.relid in (select json_array_elements_text($1::text::json)::oid))
order by 1, 2, 3
