-- Which kinds of processes read and write blocks?
select /* pgwright insight */ backend_type as kind, object, context,
       coalesce(reads, 0)::float8 as reads, coalesce(writes, 0)::float8 as writes,
       coalesce(hits, 0)::float8 as hits
from pg_stat_io
where coalesce(reads, 0) + coalesce(writes, 0) > 0
order by coalesce(reads, 0) + coalesce(writes, 0) desc
limit 10
