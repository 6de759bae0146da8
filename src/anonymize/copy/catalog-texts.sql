-- Which texts of the schema hold literals, and so may hold data that somebody once wrote there?
-- What initdb made has OIDs below 16384: the definitions of its 140 views would take 40 ms to write out.
with own as (
  select oid from pg_namespace
  where nspname !~ '^pg_' and nspname not in ('information_schema', 'pgwright')
)
select * from (
  select 'comment' as kind, pg_describe_object(d.classoid, d.objoid, d.objsubid) as name
  from pg_description d
  where d.objoid >= 16384 and not exists (
    select from pg_depend e where e.classid = d.classoid and e.objid = d.objoid and e.deptype = 'e')
    and not (d.classoid = 'pg_class'::regclass and exists (
      select from pg_class c where c.oid = d.objoid and c.relnamespace not in (select oid from own)))
  union all
  select 'default', format('%s.%I', c.oid::regclass, a.attname)
  from pg_attrdef d
  join pg_class c on c.oid = d.adrelid
  join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
  where d.oid >= 16384 and c.relnamespace in (select oid from own) and pg_get_expr(d.adbin, d.adrelid) ~ ''''
    and pg_get_expr(d.adbin, d.adrelid) !~ '^nextval\('
  union all
  select 'check', format('%s of %s', k.conname, k.conrelid::regclass)
  from pg_constraint k
  where k.oid >= 16384 and k.contype = 'c' and k.conrelid <> 0 and k.connamespace in (select oid from own)
    and k.coninhcount = 0 and pg_get_constraintdef(k.oid) ~ ''''
  union all
  select 'view', c.oid::regclass::text
  from pg_class c
  where c.oid >= 16384 and c.relkind in ('v', 'm') and c.relnamespace in (select oid from own)
    and pg_get_viewdef(c.oid) ~ ''''
  union all
  select 'function', p.oid::regprocedure::text
  from pg_proc p
  where p.pronamespace in (select oid from own) and p.prokind <> 'a'
    and coalesce(p.prosrc, '') ~ '''' and not exists (
      select from pg_depend e
      where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e')
  union all
  select 'enum', format('%s (%s labels)', t.oid::regtype, count(*))
  from pg_enum e join pg_type t on t.oid = e.enumtypid
  where t.typnamespace in (select oid from own)
  group by t.oid
) found
order by kind, name
