-- In which schemas that a session searches may anybody create objects?
with paths (path) as (
  select split_part(s, '=', 2)
  from pg_db_role_setting d
  cross join unnest(d.setconfig) s
  where split_part(s, '=', 1) = 'search_path'
    and d.setdatabase in (0, (select oid from pg_database where datname = current_database()))
  union all
  select boot_val from pg_settings where name = 'search_path'
)
select quote_ident(n.nspname) as name
from pg_namespace n
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and exists (
    select from aclexplode(nullif(n.nspacl, '{}')) e
    where e.grantee = 0 and e.privilege_type = 'CREATE')
  and exists (
    select from paths
    cross join regexp_split_to_table(path, '\s*,\s*') part
    where part in (n.nspname, quote_ident(n.nspname)))
order by 1
