-- Which roles hold rights on tables and views, or are named in $1, and can they be tested?
with acls as (
  select c.relacl as acl, c.relowner
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm') and c.relpersistence <> 't'
    and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'pgwright')
  union all
  select a.attacl, c.relowner
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid
  join pg_namespace n on n.oid = c.relnamespace
  where a.attacl is not null and c.relkind in ('r', 'p', 'v', 'm') and c.relpersistence <> 't'
    and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'pgwright')
), grantees as (
  select distinct e.grantee
  from acls cross join aclexplode(acls.acl) e
  where e.grantee <> acls.relowner and e.grantee <> 0
), named as (
  select value as name from json_array_elements_text($1::text::json)
)
select r.rolname as name,
       quote_ident(r.rolname) as "sqlName",
       r.rolsuper as "isSuperuser",
       r.rolbypassrls as "bypassesRls",
       me.rolsuper
         -- 'MEMBER' is true on 16+ also for a membership WITH SET FALSE, so the option is read there.
         or case when current_setting('server_version_num')::int >= 160000
                 then pg_has_role(session_user, r.oid, 'SET')
                 else pg_has_role(session_user, r.oid, 'MEMBER') end as "canBeSet",
       (select coalesce(json_agg(format('%I.%I', n.nspname, c.relname) order by 1), '[]'::json)
        from (select c.* from pg_class c
              where c.relkind in ('r', 'p') and c.relrowsecurity and not c.relforcerowsecurity
                and not c.relispartition and pg_has_role(r.oid, c.relowner, 'USAGE')) c
        join pg_namespace n on n.oid = c.relnamespace) as "ownsUnforced"
from pg_roles r
cross join (select rolsuper from pg_roles where rolname = session_user) me
where case when $1::text::json is null
           then r.oid in (select grantee from grantees) and not r.rolsuper and r.rolname !~ '^pg_'
           else r.rolname in (select name from named) end
order by r.rolname
