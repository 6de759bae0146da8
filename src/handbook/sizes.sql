-- How large are tables, materialized views and partitions, with their indexes and TOAST?
select c.oid, coalesce(pg_total_relation_size(c.oid), 0)::float8 as bytes,
  case when c.reltuples >= 0 then c.reltuples::float8 end as rows
from pg_class c
where c.relkind in ('r', 'p', 'm') and c.oid >= 16384
