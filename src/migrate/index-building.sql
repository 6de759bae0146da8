-- Which other backend is building or rebuilding the index with oid $1 right now? Every build holds
-- SHARE UPDATE EXCLUSIVE on the table, which is visible to everybody; the progress of another
-- role's build is not.
select p.pid
from pg_stat_progress_create_index p
where p.pid <> pg_backend_pid()
  and (p.index_relid = $1::oid
       or (p.index_relid = 0 and p.relid = (select indrelid from pg_index where indexrelid = $1::oid)))
union
select l.pid
from pg_locks l
where l.locktype = 'relation'
  and l.mode = 'ShareUpdateExclusiveLock'
  and l.granted
  and l.pid <> pg_backend_pid()
  and l.database = (select oid from pg_database where datname = current_database())
  and l.relation = (select indrelid from pg_index where indexrelid = $1::oid)
limit 1
