-- The definition of index $1 after the table's name, so that it can be repeated for a partition.
select isUnique as "isUnique",
       case when starts_with(text, head) then substr(text, length(head) + 1) end as tail
from (
  select i.indisunique as isUnique,
         pg_get_indexdef(i.indexrelid) as text,
         format('CREATE %sINDEX %I ON ONLY %I.%I ',
                case when i.indisunique then 'UNIQUE ' else '' end,
                ic.relname, n.nspname, tc.relname) as head
  from pg_index i
  join pg_class ic on ic.oid = i.indexrelid
  join pg_class tc on tc.oid = i.indrelid
  join pg_namespace n on n.oid = tc.relnamespace
  where i.indexrelid = $1::regclass
) definition
