-- Which foreign keys change values along when values in rows of table $1 are changed?
with recursive family (oid) as (
  select $1::regclass::oid
  union
  select next.oid
  from family f
  cross join lateral (
    -- A key may refer to a partition or to what it is a partition of: either way rows of both are meant.
    select i.inhrelid from pg_inherits i where i.inhparent = f.oid
    union all
    select i.inhparent from pg_inherits i
    join pg_class c on c.oid = i.inhrelid and c.relispartition
    where i.inhrelid = f.oid
  ) next (oid)
)
select f.conname as name, f.confupdtype::text as action,
       cn.nspname as schema, c.relname as table, c.relkind::text as kind,
       pn.nspname as "parentSchema", p.relname as "parentTable", p.relkind::text as "parentKind",
       names.columns, names.parents, '[]'::json as emptied
from family r
join pg_constraint f on f.contype = 'f' and f.confrelid = r.oid and f.confupdtype in ('c', 'n', 'd')
join pg_class c on c.oid = f.conrelid
join pg_namespace cn on cn.oid = c.relnamespace
join pg_class p on p.oid = f.confrelid
join pg_namespace pn on pn.oid = p.relnamespace
cross join lateral (
  select json_agg(ca.attname order by k.place) as columns,
         json_agg(pa.attname order by k.place) as parents
  from unnest(f.conkey, f.confkey) with ordinality as k (child, parent, place)
  join pg_attribute ca on ca.attrelid = f.conrelid and ca.attnum = k.child
  join pg_attribute pa on pa.attrelid = f.confrelid and pa.attnum = k.parent
) names
-- The copies of a key that partitions have say nothing new. Since 18 a key may be NOT ENFORCED.
where f.conparentid = 0
  and coalesce((to_jsonb(f) ->> 'conenforced')::boolean, true)
order by cn.nspname, c.relname, f.conname
