-- The definition of index $1 after the table's name, so that it can be repeated for a partition, and the
-- tablespace that was asked for.
select isUnique as "isUnique",
       case when starts_with(text, head) then substr(text, length(head) + 1) end as tail,
       tablespace
from (
  select i.indisunique as isUnique,
         pg_get_indexdef(i.indexrelid) as text,
         s.spcname as tablespace,
         format('CREATE %sINDEX %I ON ONLY %I.%I ',
                case when i.indisunique then 'UNIQUE ' else '' end,
                ic.relname, n.nspname, tc.relname) as head
  from pg_index i
  join pg_class ic on ic.oid = i.indexrelid
  join pg_class tc on tc.oid = i.indrelid
  join pg_namespace n on n.oid = tc.relnamespace
  left join pg_tablespace s on s.oid = ic.reltablespace
  where i.indexrelid = $1::regclass
) definition
