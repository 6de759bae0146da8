-- Which columns does the table have, and of what category are their types?
select a.attname as name, t.typcategory as category
from pg_attribute a
join pg_type t on t.oid = a.atttypid
where a.attrelid = (
    select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname || '.' || c.relname = $1)
  and a.attnum > 0 and not a.attisdropped
