-- Which composite types are there, with which attributes?
select
  t.oid, c.oid as relation, n.nspname as schema, t.typname as name,
  pg_get_userbyid(t.typowner) as owner,
  (select coalesce(json_agg(json_build_object(
      'number', a.attnum,
      'name', a.attname,
      'type', format_type(a.atttypid, a.atttypmod),
      'collation', (
        select json_build_array(cn.nspname, co.collname)
        from pg_collation co
        join pg_namespace cn on cn.oid = co.collnamespace
        join pg_type at on at.oid = a.atttypid
        where co.oid = a.attcollation and a.attcollation <> at.typcollation
      )) order by a.attnum), '[]')
   from pg_attribute a
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as attributes
from pg_type t
join pg_class c on c.oid = t.typrelid and c.relkind = 'c'
join pg_namespace n on n.oid = t.typnamespace
where n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_type'::regclass and e.objid = t.oid and e.deptype = 'e'
  )
