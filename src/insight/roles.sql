-- Can we become this role ($1), and which search_path does it get in this database?
select /* pgwright insight */ case when current_setting('server_version_num')::int >= 160000
            then pg_has_role(session_user, r.oid, 'SET')
            else pg_has_role(session_user, r.oid, 'MEMBER') end as "canBeSet",
       (select substring(setting from length('search_path=') + 1)
        from pg_db_role_setting s, unnest(s.setconfig) setting
        where setting like 'search\_path=%'
          and s.setrole in (r.oid, 0)
          and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
        order by s.setrole = 0, s.setdatabase = 0
        limit 1) as "searchPath"
from pg_roles r
where r.rolname = $1
