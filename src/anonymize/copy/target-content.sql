-- What is in this database that an empty one does not have?
with found as (
  select 'pg_class'::regclass::oid as class, c.oid, format('%I.%I', n.nspname, c.relname) as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and c.relpersistence <> 't'
    and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'pgwright')
  union all
  select 'pg_proc'::regclass, p.oid, format('function %I.%I', n.nspname, p.proname)
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'pgwright')
  union all
  select 'pg_type'::regclass, t.oid, format('type %I.%I', n.nspname, t.typname)
  from pg_type t join pg_namespace n on n.oid = t.typnamespace
  where t.typtype in ('e', 'd', 'r') and n.nspname !~ '^pg_'
    and n.nspname not in ('information_schema', 'pgwright')
  union all
  select 'pg_namespace'::regclass, n.oid, format('schema %I', n.nspname)
  from pg_namespace n
  where n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'public', 'pgwright')
)
select name from found f
where not exists (select from pg_depend d
                  where d.classid = f.class and d.objid = f.oid and d.deptype = 'e')
order by name
