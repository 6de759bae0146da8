-- Which tables and views, roots of partition trees, has this transaction created or changed?
-- age() is 0 for rows that the transaction wrote and negative for those of its subtransactions.
select coalesce(json_agg(distinct coalesce(pg_partition_root(oid), oid)::int8), '[]') as roots
from (
  select oid from pg_class where age(xmin) <= 0 and relkind in ('r', 'p', 'v', 'm', 'f')
  union
  select attrelid from pg_attribute where age(xmin) <= 0
  union
  select polrelid from pg_policy where age(xmin) <= 0
  union
  select tgrelid from pg_trigger where age(xmin) <= 0
) touched
where exists (
  select from pg_class c
  where c.oid = touched.oid and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relpersistence <> 't')
