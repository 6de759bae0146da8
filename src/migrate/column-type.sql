-- What type has column $2 of table $1, and does every value survive ALTER COLUMN … TYPE $3 as it is?
-- $4: modifiers of the new type, as a text such as "20", with "?" for one that is no number; empty when it has none.
select format_type(a.atttypid, a.atttypmod) as type,
       -- Also an array of enums, and a domain over one.
       exists (
         select from pg_type e
         where e.oid in (t.oid, t.typelem, t.typbasetype) and e.typtype = 'e') as "isEnum",
       t.typcategory = 'N' as "isNumber",
       coalesce(
         case $4
           when '' then to_regtype($3) = a.atttypid
             -- Casts without a function change nothing of what is stored.
             or exists (
               select from pg_cast
               where castsource = a.atttypid and casttarget = to_regtype($3) and castmethod = 'b')
             or array_position(integers.widening, a.atttypid)
                < array_position(integers.widening, to_regtype($3)::oid)
           -- The modifier of varchar is its length and 4.
           else a.atttypid = 'varchar'::regtype and to_regtype($3) = 'varchar'::regtype
             and $4 ~ '^[0-9]+$' and a.atttypmod between 4 and $4::int + 4
         end,
         false) as "isSafe"
from pg_attribute a
join pg_type t on t.oid = a.atttypid
cross join (
  select array['int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype]::oid[] as widening
) integers
where a.attrelid = $1::regclass and a.attname = $2
  -- A generated column holds nothing of its own.
  and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
