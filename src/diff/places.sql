-- In which tablespace does each table, index and materialized view lie? `isUsual` is the database's own.
select
  case c.relkind when 'm' then 'materialized view ' when 'i' then 'index ' when 'I' then 'index ' else 'table ' end
    || format('%I.%I', n.nspname, c.relname) as object,
  s.spcname as place,
  c.reltablespace = 0 as "isUsual"
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_database d on d.datname = current_database()
join pg_tablespace s on s.oid = coalesce(nullif(c.reltablespace, 0), d.dattablespace)
where c.relkind in ('r', 'p', 'm', 'i', 'I')
  and n.nspname !~ '^pg_'
  and n.nspname not in ('information_schema', 'pgwright')
