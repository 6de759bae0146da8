-- Which type and default has column $2 of table $1? No row for one that is generated or not there.
select format_type(a.atttypid, a.atttypmod) as type,
       t.typcategory = 'N' as "isNumber",
       -- Texts and arrays are still in what `||` makes of them; a jsonb document may not be.
       t.typcategory = 'S' as "isText",
       t.typcategory = 'A' as "isArray",
       coalesce(pg_get_expr(d.adbin, d.adrelid), 'null') as default
from pg_attribute a
join pg_type t on t.oid = a.atttypid
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = $1::regclass and a.attname = $2
  and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
