-- Did the last try to archive a WAL file fail?
select failed_count::float8 as failures,
       last_failed_wal as "failedWal",
       extract(epoch from clock_timestamp() - last_failed_time)::float8 as "failedSeconds",
       coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) as "isFailing"
from pg_stat_archiver
