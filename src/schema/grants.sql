-- Which objects have privileges that differ from those they are created with?
-- An object without a list has its defaults. The base is what a fresh object has: its type's
-- defaults, or for objects of extensions and of initdb what pg_init_privs remembers.
with listed as (
  select 'pg_namespace'::regclass::oid as class, n.oid as object, 0 as sub, n.nspowner as owner,
    n.nspacl as acl, acldefault('n', n.nspowner)
      || case when n.nspname = 'public'
           then array[makeaclitem(0, n.nspowner, 'USAGE', false)] else '{}' end as standard,
    'SCHEMA' as kind, 'n' as type, quote_ident(n.nspname) as name
  from pg_namespace n
  where n.nspacl is not null and n.nspname !~ '^pg_(toast|temp|toast_temp)'
    and n.nspname <> 'information_schema'
  union all
  select 'pg_class'::regclass, c.oid, 0, c.relowner, c.relacl,
    acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner),
    case c.relkind when 'S' then 'SEQUENCE' else 'TABLE' end,
    case c.relkind when 'S' then 's' else 'r' end,
    quote_ident(n.nspname) || '.' || quote_ident(c.relname)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relacl is not null and n.nspname <> 'information_schema'
  union all
  select 'pg_class'::regclass, c.oid, a.attnum, c.relowner, a.attacl, '{}'::aclitem[], 'TABLE', 'c',
    quote_ident(n.nspname) || '.' || quote_ident(c.relname)
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid
  join pg_namespace n on n.oid = c.relnamespace
  where a.attacl is not null and not a.attisdropped and n.nspname <> 'information_schema'
  union all
  select 'pg_proc'::regclass, p.oid, 0, p.proowner, p.proacl, acldefault('f', p.proowner),
    case p.prokind when 'p' then 'PROCEDURE' else 'FUNCTION' end, 'f',
    quote_ident(n.nspname) || '.' || quote_ident(p.proname)
      || '(' || pg_get_function_identity_arguments(p.oid) || ')'
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where p.proacl is not null
  union all
  select 'pg_type'::regclass, t.oid, 0, t.typowner, t.typacl, acldefault('T', t.typowner),
    'TYPE', 'T', quote_ident(n.nspname) || '.' || quote_ident(t.typname)
  from pg_type t join pg_namespace n on n.oid = t.typnamespace
  where t.typacl is not null
  union all
  select 'pg_language'::regclass, l.oid, 0, l.lanowner, l.lanacl, acldefault('l', l.lanowner),
    'LANGUAGE', 'l', quote_ident(l.lanname)
  from pg_language l where l.lanacl is not null
  union all
  select 'pg_foreign_data_wrapper'::regclass, w.oid, 0, w.fdwowner, w.fdwacl,
    acldefault('F', w.fdwowner), 'FOREIGN DATA WRAPPER', 'F', quote_ident(w.fdwname)
  from pg_foreign_data_wrapper w where w.fdwacl is not null
  union all
  select 'pg_foreign_server'::regclass, s.oid, 0, s.srvowner, s.srvacl,
    acldefault('S', s.srvowner), 'FOREIGN SERVER', 'S', quote_ident(s.srvname)
  from pg_foreign_server s where s.srvacl is not null
),
based as (
  select l.*,
    case when l.class = 'pg_namespace'::regclass and l.name = 'public' then l.standard
         else coalesce(i.initprivs, l.standard) end as base,
    case when l.type = 'c' then null
         else acldefault(l.type::"char", l.owner) end as everything
  from listed l
  left join pg_init_privs i
    on i.classoid = l.class and i.objoid = l.object and i.objsubid = l.sub
)
select
  b.class, b.object, b.sub, b.kind, b.name,
  pg_get_userbyid(b.owner) as owner,
  (select a.attname from pg_attribute a where a.attrelid = b.object and a.attnum = b.sub
     and b.type = 'c') as column,
  pg_catalog.array_to_json(array(
    select e.privilege_type from aclexplode(b.everything) e where e.grantee = b.owner
  )) as everything,
  (select coalesce(json_agg(json_build_object(
      'grantee', case e.grantee when 0 then null else pg_get_userbyid(e.grantee) end,
      'grantor', pg_get_userbyid(e.grantor),
      'isOwners', e.grantee = b.owner,
      'isByOwner', e.grantor = b.owner,
      'privilege', e.privilege_type, 'isGrantable', e.is_grantable)), '[]')
   from aclexplode(nullif(b.acl, '{}')) e) as present,
  (select coalesce(json_agg(json_build_object(
      'grantee', case e.grantee when 0 then null else pg_get_userbyid(e.grantee) end,
      'grantor', pg_get_userbyid(e.grantor),
      'isOwners', e.grantee = b.owner,
      'isByOwner', e.grantor = b.owner,
      'privilege', e.privilege_type, 'isGrantable', e.is_grantable)), '[]')
   from aclexplode(nullif(b.base, '{}')) e) as base
from based b
where b.acl is distinct from b.base
