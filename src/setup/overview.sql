-- What does this database hold, by schema, without the ledger ($1 its schema, $2 its table)?
-- Partitions are counted apart from their parents.
select n.nspname as schema,
       count(*) filter (where c.relkind in ('r', 'p') and not c.relispartition)::int as tables,
       count(*) filter (where c.relkind in ('r', 'p') and c.relispartition)::int as partitions,
       count(*) filter (where c.relkind in ('v', 'm'))::int as views,
       count(*) filter (where c.relkind in ('i', 'I') and not c.relispartition)::int as indexes,
       -- An estimate of the last ANALYZE or VACUUM; -1 means that there was none.
       sum(nullif(c.reltuples, -1)) filter (where c.relkind = 'r')::float8 as rows
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where n.nspname not like 'pg\_%'
  and n.nspname not in ('information_schema', 'pgwright')
  and not (n.nspname = $1::text and c.relname in ($2::text, $2::text || '_log'))
  and not exists (
    select from pg_index i join pg_class t on t.oid = i.indrelid
    where i.indexrelid = c.oid and n.nspname = $1::text and t.relname in ($2::text, $2::text || '_log'))
  and not exists (
    select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
group by n.nspname
having count(*) filter (where c.relkind in ('r', 'p', 'v', 'm')) > 0
order by n.nspname
