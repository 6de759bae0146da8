-- Which unique indexes do these tables have? $1: JSON array of their oids.
select i.indrelid::text as oid,
       to_json(array(select a.attname from unnest(i.indkey::int2[]) with ordinality u(n, i)
                     join pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.n order by u.i)) as columns
from pg_index i
where i.indisunique
  and i.indexprs is null
  and i.indrelid in (select value::oid from json_array_elements_text($1::text::json))
