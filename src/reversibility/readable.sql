-- Which materialized views can be read?
select format('materialized view %I.%I', n.nspname, c.relname) as label
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'm' and c.relispopulated
