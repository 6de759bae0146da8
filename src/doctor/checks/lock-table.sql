-- Which partitioned tables need the most locks at once, each partition and each of its indexes one?
-- (pg_partition_tree() would lock them all itself.)
with recursive members (root, relid) as (
  select c.oid, c.oid from pg_class c where c.relkind = 'p' and not c.relispartition
  union all
  select m.root, i.inhrelid from members m join pg_inherits i on i.inhparent = m.relid
)
select format('%I.%I', n.nspname, c.relname) as name,
       count(*)::int as partitions,
       (count(*) + coalesce(sum((select count(*) from pg_index i where i.indrelid = m.relid)), 0))::int as locks
from members m
join pg_class c on c.oid = m.root
join pg_namespace n on n.oid = c.relnamespace
where m.relid <> m.root
group by n.nspname, c.relname
order by locks desc
limit 5
