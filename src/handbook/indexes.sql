-- What are the indexes made of, besides their tables' names?
select i.indexrelid as oid, i.indisunique as "isUnique", m.amname as method,
  array_to_json(array(
    select a.attname from unnest(i.indkey) with ordinality u(n, i)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.n
    where u.i <= i.indnkeyatts order by u.i)) as columns
from pg_index i
join pg_class c on c.oid = i.indexrelid
join pg_am m on m.oid = c.relam
where i.indrelid >= 16384
