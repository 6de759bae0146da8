-- Which backend is building or rebuilding the index with oid $1 right now?
select pid
from pg_stat_progress_create_index
where index_relid = $1::oid
   or (index_relid = 0 and relid = (select indrelid from pg_index where indexrelid = $1::oid))
