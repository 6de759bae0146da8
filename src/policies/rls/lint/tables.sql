-- Which tables have row security, policies or a guarded parent, who may reach them, which columns lead an index?
select c.oid::text as oid,
       format('%I.%I', n.nspname, c.relname) as name,
       c.relname as "bareName",
       quote_ident(pg_get_userbyid(c.relowner)) as owner,
       c.relrowsecurity as "isOn",
       c.relforcerowsecurity as "isForced",
       c.relispartition as "isPartition",
       c.reltuples::float8 as "rows",
       root.oid::text as "rootOid",
       format('%I.%I', rn.nspname, root.relname) as root,
       root.relrowsecurity as "isRootOn",
       (select coalesce(json_agg(distinct coalesce(quote_ident(g.rolname), 'PUBLIC')), '[]'::json)
        from (select c.relacl as acl
              union all
              select a.attacl from pg_attribute a where a.attrelid = c.oid and a.attacl is not null) x
        cross join aclexplode(nullif(x.acl, '{}')) e
        left join pg_roles g on g.oid = e.grantee
        where e.grantee <> c.relowner and not coalesce(g.rolsuper or g.rolbypassrls, false)) as grantees,
       (select coalesce(json_agg(distinct a.attname), '[]'::json)
        from pg_index i
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
        where i.indrelid = c.oid and i.indisvalid and i.indpred is null) as "leadingColumns"
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
-- pg_partition_root() is null for a plain table.
join pg_class root on root.oid = coalesce(pg_partition_root(c.oid), c.oid)
join pg_namespace rn on rn.oid = root.relnamespace
where c.relkind in ('r', 'p')
  and (c.relrowsecurity or root.relrowsecurity or exists (select from pg_policy p where p.polrelid = c.oid))
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
order by 2
