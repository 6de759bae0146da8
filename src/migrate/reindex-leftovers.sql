-- Which invalid copies did an interrupted REINDEX CONCURRENTLY leave, that nobody builds now? Those
-- of TOAST tables stand in pg_toast, which an owner may use only after a GRANT (seen on 15 to 18).
select n.nspname as schema, c.relname as name
from pg_index i
join pg_class c on c.oid = i.indexrelid
join pg_namespace n on n.oid = c.relnamespace
where not i.indisvalid
  and c.relname ~ '_cc(new|old)[0-9]*$'
  and n.nspname !~ '^pg_temp_'
  and has_schema_privilege(n.oid, 'USAGE')
  and not exists (
    select from pg_locks l
    where l.relation = i.indrelid and l.mode = 'ShareUpdateExclusiveLock' and l.granted
      and l.database = (select oid from pg_database where datname = current_database())
      and l.pid <> pg_backend_pid())
order by 1, 2
