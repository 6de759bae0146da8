-- Is the name $3 taken in schema $1, and if by an index of the table $2, is it valid and a constraint's?
select /* pgwright insight */ coalesce(t.relname = $2::text, false) as "isOfTable",
       coalesce(i.indisvalid, false) as "isValid",
       exists (select from pg_constraint k where k.conindid = c.oid and k.contype in ('p', 'u'))
         as "hasConstraint"
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join pg_index i on i.indexrelid = c.oid
left join pg_class t on t.oid = i.indrelid
where n.nspname = $1::text and c.relname = $3::text
