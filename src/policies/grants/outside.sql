-- What may these roles ($1, a JSON array), the roles they belong to, or PUBLIC do where no file of policies/ compares rights?
-- That is: in PostgreSQL's own schemas, on objects of extensions, in schemas that no file names ($2 has those that are named),
-- on foreign servers, wrappers, languages, tablespaces. What initdb or an extension gives is left out (pg_init_privs), so is
-- the ledger ($3 schema, $4 table), and CREATE of the role that owns what migrations create ($5).
with recursive declared as (
  select r.oid from pg_roles r
  where r.rolname in (select json_array_elements_text($1::text::json)) and not r.rolsuper
),
reached (oid, declared) as (
  select oid, oid from declared
  union
  select g.oid, p.declared
  from reached p
  join pg_auth_members m on m.member = p.oid
    -- What creating a role gives, from 16 on, lends nothing; the connected role has its own ways.
    and m.member <> (select oid from pg_roles where rolname = session_user)
    and ((to_jsonb(m) ->> 'inherit_option') is null or (to_jsonb(m) ->> 'inherit_option')::boolean
      or (to_jsonb(m) ->> 'set_option')::boolean)
  join pg_roles g on g.oid = m.roleid and not g.rolsuper
),
grantees (oid, name, through) as (
  (select distinct on (p.oid) p.oid, pg_get_userbyid(p.oid),
    case when p.oid <> p.declared then pg_get_userbyid(p.declared) end as through
  from reached p order by p.oid, (p.oid <> p.declared), 3)
  union all
  select 0, null, null where exists (select from declared)
),
schemas as (
  select n.oid, n.nspname, n.nspowner, n.nspacl,
    n.nspname ~ '^pg_' or n.nspname = 'information_schema' as is_system,
    n.nspname in (select json_array_elements_text($2::text::json)) as is_named,
    exists (select from reached p where has_schema_privilege(p.oid, n.oid, 'USAGE')) as is_open
  from pg_namespace n
),
objects as (
  select case c.relkind when 'S' then 'SEQUENCE' else 'TABLE' end as kind, 'pg_class'::regclass::oid as class,
    c.oid, 0 as part, n.oid as namespace, c.relname::text as name, null::text as arguments, null::text as "column",
    c.relowner as owner, c.relacl as acl, case c.relkind when 'S' then 's' else 'r' end as type
  from pg_class c join schemas n on n.oid = c.relnamespace
  where c.relacl is not null and not (n.nspname = $3::text
    and c.relname in ($4::text, $4::text || '_log', $4::text || '_log_id_seq'))
  union all
  select 'TABLE', 'pg_class'::regclass, c.oid, a.attnum, c.relnamespace, c.relname, null, a.attname, c.relowner, a.attacl, 'c'
  from pg_attribute a join pg_class c on c.oid = a.attrelid join schemas n on n.oid = c.relnamespace
  where a.attacl is not null and not a.attisdropped and not (n.nspname = $3::text
    and c.relname in ($4::text, $4::text || '_log'))
  union all
  select case p.prokind when 'p' then 'PROCEDURE' else 'FUNCTION' end, 'pg_proc'::regclass, p.oid, 0,
    p.pronamespace, p.proname, pg_get_function_identity_arguments(p.oid), null, p.proowner, p.proacl, 'f'
  from pg_proc p where p.proacl is not null
  union all
  select 'SCHEMA', 'pg_namespace'::regclass, n.oid, 0, n.oid, n.nspname, null, null, n.nspowner, n.nspacl, 'n'
  from schemas n where n.nspacl is not null
  union all
  select 'FOREIGN SERVER', 'pg_foreign_server'::regclass, oid, 0, null, srvname, null, null, srvowner, srvacl, 'S'
  from pg_foreign_server where srvacl is not null
  union all
  select 'FOREIGN DATA WRAPPER', 'pg_foreign_data_wrapper'::regclass, oid, 0, null, fdwname, null, null, fdwowner, fdwacl, 'F'
  from pg_foreign_data_wrapper where fdwacl is not null
  union all
  select 'LANGUAGE', 'pg_language'::regclass, oid, 0, null, lanname, null, null, lanowner, lanacl, 'l'
  from pg_language where lanacl is not null
  union all
  select 'TABLESPACE', 'pg_tablespace'::regclass, oid, 0, null, spcname, null, null, spcowner, spcacl, 't'
  from pg_tablespace where spcacl is not null
),
judged as (
  select o.*, n.nspname as schema, coalesce(n.is_system, false) as is_system, x.extension,
    coalesce(n.is_open, true) as is_open, coalesce(n.is_named, false) as is_named
  from objects o
  left join schemas n on n.oid = o.namespace
  left join lateral (
    select e.extname::text as extension
    from pg_depend d join pg_extension e on e.oid = d.refobjid
    where d.classid = o.class and d.objid = o.oid and d.objsubid = 0 and d.deptype = 'e'
      and d.refclassid = 'pg_extension'::regclass) x on true
)
select
  o.kind, o.schema::text as schema, o.name, o.arguments, o."column", o.is_system as "isSystem", o.extension,
  pg_get_userbyid(o.owner) as owner, g.name as grantee, g.through,
  pg_get_userbyid(e.grantor) as grantor, e.privilege_type as privilege
from judged o
cross join lateral aclexplode(nullif(o.acl, '{}')) e
join grantees g on g.oid = e.grantee
left join pg_init_privs i on i.classoid = o.class and i.objoid = o.oid and i.objsubid = o.part
where (o.is_system or o.extension is not null or not o.is_named)
  and e.grantee <> o.owner
  and not (o.kind = 'SCHEMA' and e.privilege_type <> 'CREATE')
  -- What PUBLIC may create in is told by policies/open-schema.
  and not (o.kind = 'SCHEMA' and (e.grantee = 0 or g.name = $5::text))
  -- Tables of our own that everybody may read.
  and not (o.schema = 'pgwright' and o.kind = 'TABLE' and e.grantee = 0 and e.privilege_type = 'SELECT')
  -- Migrations keep there what a rollback would lose, and are run as that role.
  and (o.schema is distinct from 'pgwright' or g.name is distinct from $5::text)
  -- initdb makes it after it has noted what it gave.
  and not (o.schema = 'information_schema' and e.grantee = 0 and e.privilege_type = 'SELECT')
  and (e.grantee <> 0 or o.is_open)
  and not exists (
    select
    from aclexplode(case
        when i.objoid is not null then nullif(i.initprivs, '{}')
        -- The default is PUBLIC's: a right of one's own is one only where somebody has taken that away.
        when o.type = 'l' or (o.type = 'f' and not o.is_system and o.extension is null) then nullif(o.acl, '{}')
        else nullif(acldefault(o.type::"char", o.owner), '{}')
      end) b
    where b.privilege_type = e.privilege_type and (b.grantee = 0 or (b.grantee = e.grantee and i.objoid is not null)))
order by o.is_system desc, 1, 2, 3, 4, g.name, e.privilege_type, o.part
