-- From which owners, and from the role $1 (by default the connected one), does row security hide rows?
with roles as (
  select r.oid, r.rolname, r.rolname = $1::text as is_migrator
  from pg_roles r
  where r.rolname = coalesce($1::text, current_user)
  union
  select r.oid, r.rolname, r.rolname = $1::text
  from pg_class c
  join pg_roles r on r.oid = c.relowner
  where c.relrowsecurity and c.relforcerowsecurity
), hidden as (
  select r.rolname, r.is_migrator,
         format('%I.%I', n.nspname, c.relname) as name,
         c.relowner = r.oid as owns,
         exists (
           select from pg_policy p
           where p.polrelid = c.oid and p.polpermissive and p.polcmd in ('r', '*') and p.polqual is not null
             and (0 = any (p.polroles) or exists (
               select from unnest(p.polroles) m where m <> 0 and pg_has_role(r.oid, m, 'USAGE')))) as sees_some,
         exists (
           select from pg_policy p
           where p.polrelid = c.oid and p.polpermissive and p.polcmd in ('r', '*')
             and pg_get_expr(p.polqual, p.polrelid) = 'true'
             and (0 = any (p.polroles) or exists (
               select from unnest(p.polroles) m where m <> 0 and pg_has_role(r.oid, m, 'USAGE'))))
         and not exists (
           select from pg_policy p
           where p.polrelid = c.oid and not p.polpermissive and p.polcmd in ('r', '*')
             and (0 = any (p.polroles) or exists (
               select from unnest(p.polroles) m where m <> 0 and pg_has_role(r.oid, m, 'USAGE')))) as sees_all
  from roles r
  join pg_roles a on a.oid = r.oid and not a.rolsuper and not a.rolbypassrls
  join pg_class c on c.relkind in ('r', 'p') and c.relrowsecurity and not c.relispartition
    and (c.relforcerowsecurity or not pg_has_role(r.oid, c.relowner, 'USAGE'))
    and has_table_privilege(r.oid, c.oid, 'SELECT')
  join pg_namespace n on n.oid = c.relnamespace
  where not exists (
    select from pg_depend e
    where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
)
select quote_ident(rolname) as role,
       coalesce(bool_or(is_migrator), false) as "isMigrator",
       bool_or(owns) as "isOwner",
       coalesce(json_agg(name order by name) filter (where not sees_some), '[]'::json) as "seesNothing",
       coalesce(json_agg(name order by name) filter (where sees_some), '[]'::json) as "seesSome"
from hidden
where not sees_all
group by rolname
order by rolname
