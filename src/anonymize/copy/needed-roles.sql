-- Which roles does the schema of this database name, and as what?
select distinct r.rolname as name,
  case d.deptype when 'o' then 'owner' when 'r' then 'policy' else 'grant' end as "as"
from pg_shdepend d
join pg_roles r on r.oid = d.refobjid
where d.refclassid = 'pg_authid'::regclass
  and d.dbid = (select oid from pg_database where datname = current_database())
  -- pgwright's own state is not copied.
  and not (d.classid = 'pg_class'::regclass and exists (
    select from pg_class c where c.oid = d.objid and c.relnamespace = to_regnamespace('pgwright')))
  and not (d.classid = 'pg_namespace'::regclass and d.objid = to_regnamespace('pgwright'))
union
-- The role that initdb made is pinned and stands in no such row.
select r.rolname, 'owner' from pg_roles r
where r.oid = 10 and exists (
  select from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relowner = 10 and c.oid >= 16384 and n.nspname !~ '^pg_' and n.nspname <> 'pgwright')
order by 1, 2
