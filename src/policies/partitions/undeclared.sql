-- Which partitioned tables are there besides those in $1 (JSON array of {"schema", "table"})?
select n.nspname as schema, c.relname as table, t.partstrat as strategy, a.attname as column
from pg_partitioned_table t
join pg_class c on c.oid = t.partrelid
join pg_namespace n on n.oid = c.relnamespace
left join pg_attribute a on a.attrelid = c.oid and a.attnum = t.partattrs[0] and t.partattrs[0] > 0
where not c.relispartition
  and n.nspname !~ '^pg_'
  and not exists (
    select from json_to_recordset($1::text::json) as w(schema text, "table" text)
    where w.schema = n.nspname and w.table = c.relname)
order by 1, 2
