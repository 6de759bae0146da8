-- Which tables, types and functions are no part of the schema: temporary ones of any session, and
-- the TOAST tables behind others?
with outside as (
  select oid from pg_namespace where nspname ~ '^pg_(toast$|toast_temp_|temp_)'
)
select 'pg_class'::regclass::oid as class, c.oid as object
from pg_class c where c.relnamespace in (select oid from outside)
union all
select 'pg_type'::regclass::oid, t.oid
from pg_type t where t.typnamespace in (select oid from outside)
union all
select 'pg_proc'::regclass::oid, p.oid
from pg_proc p where p.pronamespace in (select oid from outside)
union all
select 'pg_namespace'::regclass::oid, oid from outside
