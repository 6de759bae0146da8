-- What is there in these schemas ($1, a JSON array) to grant rights on, whose is it, and who has which right?
-- Entries of the owner itself are left out; objects of extensions are too. Rows with column names are
-- the columns that have rights of their own.
with wanted as (
  select oid, nspname, nspowner, nspacl from pg_namespace
  where nspname in (select json_array_elements_text($1::text::json))
),
objects as (
  select 'database' as kind, d.oid, null::text as schema, d.datname::text as name,
    null::text as arguments, null::text as "column", d.datdba as owner, d.datacl as acl, 'd' as type,
    false as "isLeaf", d.oid as root, 'pg_database'::regclass::oid as class
  from pg_database d where d.datname = current_database()
  union all
  select 'schema', n.oid, null, n.nspname, null, null, n.nspowner, n.nspacl, 'n', false, n.oid,
    'pg_namespace'::regclass
  from wanted n
  union all
  select case c.relkind when 'S' then 'sequence' else 'table' end, c.oid, n.nspname, c.relname,
    null, null, c.relowner, c.relacl, case c.relkind when 'S' then 's' else 'r' end,
    -- A partition that upkeep has detached is reached by nobody either.
    c.relispartition or coalesce(starts_with(obj_description(c.oid, 'pg_class'), 'pgwright: retired from '), false),
    coalesce(pg_partition_root(c.oid), c.oid), 'pg_class'::regclass
  from pg_class c join wanted n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  union all
  select 'column', c.oid, n.nspname, c.relname, null, a.attname, c.relowner, a.attacl, 'c',
    -- A partition that upkeep has detached is reached by nobody either.
    c.relispartition or coalesce(starts_with(obj_description(c.oid, 'pg_class'), 'pgwright: retired from '), false),
    coalesce(pg_partition_root(c.oid), c.oid), 'pg_class'::regclass
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid
  join wanted n on n.oid = c.relnamespace
  where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f')
  union all
  select case p.prokind when 'p' then 'procedure' else 'function' end, p.oid, n.nspname, p.proname,
    pg_get_function_identity_arguments(p.oid), null, p.proowner, p.proacl, 'f', false, p.oid,
    'pg_proc'::regclass
  from pg_proc p join wanted n on n.oid = p.pronamespace
)
select
  o.kind, o.oid::int8::text as oid, o.schema, o.name, o.arguments, o."column",
  pg_get_userbyid(o.owner) as owner, o."isLeaf", o.root::int8::text as root,
  (select coalesce(json_agg(e.privilege_type), '[]')
   from aclexplode(acldefault((case o.type when 'c' then 'r' else o.type end)::"char", o.owner)) e
   where e.grantee = o.owner) as everything,
  (select coalesce(json_agg(json_build_object(
      'grantee', case e.grantee when 0 then null else pg_get_userbyid(e.grantee) end,
      'grantor', pg_get_userbyid(e.grantor),
      'privilege', e.privilege_type, 'isGrantable', e.is_grantable)), '[]')
   from aclexplode(nullif(coalesce(o.acl,
     case when o.type <> 'c' then acldefault(o.type::"char", o.owner) end), '{}')) e
   where e.grantee <> o.owner) as present
from objects o
where not exists (
  select from pg_depend d where d.classid = o.class and d.objid = o.oid and d.deptype = 'e')
order by o.kind, o.schema, o.name, o.arguments, o."column"
