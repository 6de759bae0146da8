-- Which foreign keys join which tables with rows, by which columns and operators?
select
  k.conrelid as child, k.confrelid as parent,
  format('%I.%I', cn.nspname, c.relname) as "childName", c.relkind = 'p' as "isChildDivided",
  format('%I.%I', pn.nspname, p.relname) as "parentName", p.relkind = 'p' as "isParentDivided",
  -- Of a plain table pg_partition_tree() has no row.
  coalesce((select json_agg(t.relid::oid::int8) from pg_partition_tree(k.conrelid) t where t.isleaf),
    json_build_array(k.conrelid::int8)) as "childLeaves",
  coalesce((select json_agg(t.relid::oid::int8) from pg_partition_tree(k.confrelid) t where t.isleaf),
    json_build_array(k.confrelid::int8)) as "parentLeaves",
  (select string_agg(format('p.%I operator(%I.%s) c.%I', pa.attname, n.nspname, o.oprname, ca.attname), ' and ')
   from unnest(k.conkey, k.confkey, k.conpfeqop) u(child, parent, operator)
   join pg_attribute ca on ca.attrelid = k.conrelid and ca.attnum = u.child
   join pg_attribute pa on pa.attrelid = k.confrelid and pa.attnum = u.parent
   join pg_operator o on o.oid = u.operator
   join pg_namespace n on n.oid = o.oprnamespace) as condition
from pg_constraint k
join pg_class c on c.oid = k.conrelid join pg_namespace cn on cn.oid = c.relnamespace
join pg_class p on p.oid = k.confrelid join pg_namespace pn on pn.oid = p.relnamespace
-- Those of partitions belong to one of the table above.
where k.contype = 'f' and k.conparentid = 0
  and c.relkind in ('r', 'p') and p.relkind in ('r', 'p')
order by k.oid
