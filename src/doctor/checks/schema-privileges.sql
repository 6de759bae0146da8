-- In which schemas may every role create objects?
select quote_ident(n.nspname) as schema,
       quote_ident(case o.rolname when 'pg_database_owner' then d.rolname else o.rolname end) as owner
from pg_namespace n
join pg_roles o on o.oid = n.nspowner
join pg_database db on db.datname = current_database()
join pg_roles d on d.oid = db.datdba
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and exists (
    select from aclexplode(n.nspacl) a
    where a.grantee = 0 and a.privilege_type = 'CREATE')
order by n.nspname
