-- Which columns refer to which, may they refer to nothing, and does at most one row refer to each?
select
  k.oid, k.conname as name, k.conrelid as "from", k.confrelid as "to",
  array_to_json(array(
    select a.attname from unnest(k.conkey) with ordinality u(n, i)
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.n order by u.i)) as columns,
  array_to_json(array(
    select a.attname from unnest(k.confkey) with ordinality u(n, i)
    join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.n order by u.i)) as "toColumns",
  k.confdeltype::text as "onDelete",
  exists (
    select from pg_attribute a
    where a.attrelid = k.conrelid and a.attnum = any (k.conkey) and not a.attnotnull) as "isOptional",
  exists (
    select from pg_index i
    where i.indrelid = k.conrelid and i.indisunique and i.indisvalid and i.indpred is null
      and i.indexprs is null
      and not exists (
        select from unnest(i.indkey) with ordinality u(n, i)
        where u.i <= i.indnkeyatts and u.n <> all (k.conkey))) as "isUnique"
from pg_constraint k
where k.contype = 'f' and k.conparentid = 0
