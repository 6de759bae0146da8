-- Which sequences feed a column, and would any give a value that is there already?
select
  format('%I.%I', sn.nspname, s.relname) as name,
  format('%I.%I.%I', n.nspname, c.relname, a.attname) as "column",
  q.last_value::text as "lastValue",
  format('select max(%I)::text as highest from %I.%I', a.attname, n.nspname, c.relname) as query
from pg_sequences q
join pg_namespace sn on sn.nspname = q.schemaname
join pg_class s on s.relname = q.sequencename and s.relnamespace = sn.oid
join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = s.oid and d.refclassid = 'pg_class'::regclass
  and d.deptype in ('a', 'i') and d.refobjsubid > 0
join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
join pg_class c on c.oid = d.refobjid
join pg_namespace n on n.oid = c.relnamespace
where q.increment_by > 0 and a.atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
order by 1
