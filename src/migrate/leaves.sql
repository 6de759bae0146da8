-- Which leaves has the partitioned table $1? None for any other table.
select format('%I.%I', n.nspname, c.relname) as leaf
from pg_class p
cross join pg_partition_tree(p.oid) t
join pg_class c on c.oid = t.relid
join pg_namespace n on n.oid = c.relnamespace
where p.oid = to_regclass($1) and p.relkind = 'p' and t.isleaf
order by 1
