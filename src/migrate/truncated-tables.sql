-- Which tables does TRUNCATE … CASCADE empty besides $1? Those with foreign keys to it, and so on.
with recursive emptied (oid) as (
  select to_regclass($1)::oid
  union
  select f.conrelid
  from emptied
  join pg_constraint f on f.contype = 'f' and f.confrelid = emptied.oid
)
select n.nspname as schema, c.relname as table, c.relkind::text as kind
from emptied
join pg_class c on c.oid = emptied.oid and not c.relispartition
join pg_namespace n on n.oid = c.relnamespace
order by 1, 2
