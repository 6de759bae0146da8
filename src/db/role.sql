-- Does the role $1 exist, what may it do here, and can the connected role become it?
select r.oid is not null as "exists",
       coalesce(r.rolbypassrls or r.rolsuper, false) as "bypassesRls",
       coalesce(has_database_privilege(r.oid, current_database(), 'CREATE'), false) as "canCreateSchemas",
       -- 'MEMBER' is true on 16+ also for a membership WITH SET FALSE, so the option is read there.
       coalesce(
         case when current_setting('server_version_num')::int >= 160000
              then pg_has_role(session_user, r.oid, 'SET')
              else pg_has_role(session_user, r.oid, 'MEMBER') end, false) as "canBeSet",
       me.rolsuper as "isSuperuser",
       current_database() as database
from pg_roles me
left join pg_roles r on r.rolname = $1
where me.rolname = session_user
