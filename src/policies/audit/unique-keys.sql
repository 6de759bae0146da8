-- Which unique indexes do these tables have? $1: JSON array of their oids.
select i.indrelid::text as oid,
       to_json(array(
         select json_build_object(
           'name', a.attname,
           'blindCollation', case when not l.collisdeterministic
                                  then quote_ident(n.nspname) || '.' || quote_ident(l.collname) end)
         from unnest(i.indkey::int2[], i.indcollation::oid[]) with ordinality u(n, sorting, i)
         join pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.n
         left join pg_collation l on l.oid = u.sorting
         left join pg_namespace n on n.oid = l.collnamespace
         where u.i <= i.indnkeyatts
         order by u.i)) as columns
from pg_index i
where i.indisunique
  and i.indexprs is null
  and i.indrelid in (select value::oid from json_array_elements_text($1::text::json))
