-- Is there a table of that name, and is it partitioned?
select format('%I.%I', n.nspname, c.relname) as name, c.relkind = 'p' as "isDivided"
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.oid = to_regclass($1) and c.relkind in ('r', 'p')
