-- Which partitions are half detached, and which tables have a default partition?
select format('%I.%I', pn.nspname, p.relname) as parent,
       format('%I.%I', cn.nspname, c.relname) as partition,
       i.inhdetachpending as "isDetaching",
       p.oid::text as "parentOid",
       c.relkind = 'f' as "isForeign",
       c.relkind = 'p' as "isPartitioned",
       has_table_privilege(c.oid, 'SELECT') as "isReadable",
       has_schema_privilege(cn.oid, 'USAGE') as "isReachable"
from pg_inherits i
join pg_class p on p.oid = i.inhparent and p.relkind = 'p'
join pg_namespace pn on pn.oid = p.relnamespace
join pg_partitioned_table t on t.partrelid = p.oid
join pg_class c on c.oid = i.inhrelid
join pg_namespace cn on cn.oid = c.relnamespace
where (i.inhdetachpending or i.inhrelid = t.partdefid)
  and pn.nspname !~ '^pg_'
order by 1, 2
