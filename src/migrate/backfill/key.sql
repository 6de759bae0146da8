-- By which columns can the rows of a table be taken in order? $1 the table. Types have their schema where they need one.
select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, -1)) order by k.place) as key
from (
  select i.indrelid, i.indkey, i.indnkeyatts
  from pg_index i
  where i.indrelid = $1::regclass and i.indisunique and i.indisvalid
    and i.indpred is null and i.indexprs is null
    and not exists (
      select from unnest(i.indkey::smallint[]) with ordinality as k (attnum, place)
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
      where k.place <= i.indnkeyatts and not a.attnotnull)
  order by i.indisprimary desc, i.indnkeyatts, i.indexrelid
  limit 1
) best
cross join unnest(best.indkey::smallint[]) with ordinality as k (attnum, place)
join pg_attribute a on a.attrelid = best.indrelid and a.attnum = k.attnum
where k.place <= best.indnkeyatts
