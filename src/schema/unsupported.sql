-- Which objects are there that the dump does not know how to make?
with members as (
  select classid, objid from pg_depend where deptype = 'e'
)
select found.class, found.object, pg_describe_object(found.class, found.object, 0) as label
from (
  select 'pg_type'::regclass::oid as class, t.oid as object
  from pg_type t
  where t.typtype = 'b' and t.oid >= 16384
    and not exists (select from pg_type e where e.typarray = t.oid)
  union all
  -- A shell type, waiting for its definition.
  select 'pg_type'::regclass, t.oid from pg_type t where not t.typisdefined and t.oid >= 16384
  union all
  select 'pg_language'::regclass, l.oid from pg_language l where l.oid >= 16384
  union all
  select 'pg_am'::regclass, a.oid from pg_am a where a.oid >= 16384
  union all
  select 'pg_transform'::regclass, t.oid from pg_transform t where t.oid >= 16384
  union all
  select 'pg_ts_parser'::regclass, p.oid from pg_ts_parser p where p.oid >= 16384
  union all
  select 'pg_ts_template'::regclass, t.oid from pg_ts_template t where t.oid >= 16384
  union all
  -- Its connection string can hold a password.
  select 'pg_subscription'::regclass, s.oid from pg_subscription s
  join pg_database d on d.oid = s.subdbid and d.datname = current_database()
  -- What a superuser put among PostgreSQL's own.
  union all
  select 'pg_class'::regclass, c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ('pg_catalog', 'information_schema') and c.oid >= 16384
    and c.relkind in ('r', 'p', 'f', 'v', 'm', 'S')
  union all
  select 'pg_type'::regclass, t.oid from pg_type t join pg_namespace n on n.oid = t.typnamespace
  where n.nspname in ('pg_catalog', 'information_schema') and t.oid >= 16384
    and t.typtype in ('d', 'e', 'r')
  union all
  select 'pg_proc'::regclass, p.oid from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname in ('pg_catalog', 'information_schema') and p.oid >= 16384
  union all
  select 'pg_operator'::regclass, o.oid
  from pg_operator o join pg_namespace n on n.oid = o.oprnamespace
  where n.nspname in ('pg_catalog', 'information_schema') and o.oid >= 16384
) found
where not exists (
  select from members m where m.classid = found.class and m.objid = found.object
)
union all
select l.classoid, l.objoid,
  'security label of ' || pg_describe_object(l.classoid, l.objoid, l.objsubid)
from pg_seclabel l
where not exists (
  select from members m where m.classid = l.classoid and m.objid = l.objoid
)
