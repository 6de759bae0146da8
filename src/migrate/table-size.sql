-- How many bytes of rows do the table $1 and its partitions hold? 0 proves that it is empty,
-- also where its rows may not be read.
select coalesce(sum(pg_relation_size(part.oid)), 0)::text as bytes
from (select $1::regclass::oid as oid
      union
      select relid from pg_partition_tree($1::regclass)) part
join pg_class c on c.oid = part.oid and c.relkind = 'r'
