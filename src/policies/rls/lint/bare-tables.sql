-- Which tables can others reach that have no row security, although tables of their schema have it?
select c.oid::text as oid,
       format('%I.%I', n.nspname, c.relname) as name,
       c.relname as "bareName",
       n.nspname as schema,
       g.grantees,
       (select format('%I.%I', n.nspname, beside.relname)
        from pg_class beside
        where beside.relnamespace = c.relnamespace and beside.relkind in ('r', 'p')
          and beside.relrowsecurity and not beside.relispartition
        order by beside.relname limit 1) as beside
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
cross join lateral (
  select coalesce(json_agg(distinct coalesce(quote_ident(r.rolname), 'PUBLIC')), '[]'::json) as grantees
  from (select c.relacl as acl
        union all
        select a.attacl from pg_attribute a where a.attrelid = c.oid and a.attacl is not null) x
  cross join aclexplode(nullif(x.acl, '{}')) e
  left join pg_roles r on r.oid = e.grantee
  where e.grantee <> c.relowner and not coalesce(r.rolsuper or r.rolbypassrls, false)
    -- Members of the owner are in its place anyway.
    and (e.grantee = 0 or not pg_has_role(e.grantee, c.relowner, 'USAGE'))
    and e.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')) g
where c.relkind in ('r', 'p') and not c.relrowsecurity and not c.relispartition
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and json_array_length(g.grantees) > 0
  -- Policies that do nothing have a finding of their own.
  and not exists (select from pg_policy p where p.polrelid = c.oid)
  and exists (
    select from pg_class beside
    where beside.relnamespace = c.relnamespace and beside.relkind in ('r', 'p')
      and beside.relrowsecurity and not beside.relispartition)
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
order by 2
