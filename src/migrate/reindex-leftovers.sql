-- Which invalid copies did an interrupted REINDEX CONCURRENTLY leave, that nobody builds now?
select n.nspname as schema, c.relname as name
from pg_index i
join pg_class c on c.oid = i.indexrelid
join pg_namespace n on n.oid = c.relnamespace
where not i.indisvalid
  and c.relname ~ '_cc(new|old)[0-9]*$'
  and n.nspname not like 'pg\_%'
  and not exists (
    select from pg_stat_progress_create_index p
    where p.index_relid = i.indexrelid or p.relid = i.indrelid)
order by 1, 2
