-- On which tables is row security half done: policies without it, it without policies, leaves beside it?
with tables as (
  select c.oid,
         format('%I.%I', n.nspname, c.relname) as name,
         c.relrowsecurity as is_on,
         c.relispartition as is_leaf,
         -- pg_partition_ancestors() begins with the table itself.
         (select format('%I.%I', pn.nspname, p.relname)
          from pg_partition_ancestors(c.oid) a
          join pg_class p on p.oid = a.relid
          join pg_namespace pn on pn.oid = p.relnamespace
          where a.relid <> c.oid and p.relrowsecurity and c.relispartition
          limit 1) as guarded_parent,
         (select json_agg(p.polname order by p.polname) from pg_policy p where p.polrelid = c.oid) as policies,
         (select json_agg(distinct coalesce(quote_ident(g.rolname), 'PUBLIC'))
          from aclexplode(c.relacl) a
          left join pg_roles g on g.oid = a.grantee
          where a.grantee <> c.relowner
            and a.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
            and not coalesce(g.rolsuper or g.rolbypassrls, false)) as grantees
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p')
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (
      select from pg_depend e
      where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
)
select name, is_on as "isOn", policies, guarded_parent as "guardedParent", grantees
from tables
where (not is_on and policies is not null)
   or (is_on and policies is null and not is_leaf)
   or (not is_on and guarded_parent is not null and grantees is not null)
order by name
