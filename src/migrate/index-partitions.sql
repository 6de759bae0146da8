-- Partitions directly below table $1, and whether each has an index attached to the index $2.
select n.nspname as schema,
       c.relname as table,
       c.relkind = 'p' as "isPartitioned",
       exists (
         select from pg_inherits ii
         join pg_index i on i.indexrelid = ii.inhrelid
         where ii.inhparent = $2::regclass and i.indrelid = c.oid) as attached
from pg_inherits h
join pg_class c on c.oid = h.inhrelid
join pg_namespace n on n.oid = c.relnamespace
where h.inhparent = $1::regclass
order by n.nspname, c.relname
