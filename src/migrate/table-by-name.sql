-- Which relation does the name $1 mean under the search_path of this session?
select n.nspname as schema, c.relname as table, c.relkind::text as kind
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.oid = to_regclass($1)
