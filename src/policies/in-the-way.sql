-- Which policies use column $2 (or anything, where it is null) of relation $1, and on which tables are they?
select distinct p.polname as name, n.nspname as schema, c.relname as table, c.oid::int8::text as oid, p.polpermissive as "isPermissive",
  coalesce(pg_partition_root(c.oid), c.oid)::int8::text as root
from pg_depend d
join pg_policy p on p.oid = d.objid
join pg_class c on c.oid = p.polrelid
join pg_namespace n on n.oid = c.relnamespace
left join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
where d.classid = 'pg_policy'::regclass
  and d.refclassid = 'pg_class'::regclass
  and d.refobjid = to_regclass($1::text)
  and ($2::text is null and p.polrelid <> d.refobjid or a.attname = $2::text)
order by n.nspname, c.relname, p.polname
