-- May this session switch off triggers, and which triggers of table $1 would a move of rows fire?
select s.rolsuper or has_parameter_privilege(session_user, 'session_replication_role', 'SET') as "mayReplicate",
       (select coalesce(json_agg(json_build_object('name', t.tgname, 'enabled', t.tgenabled) order by t.tgname), '[]')
        from pg_trigger t
        where t.tgrelid = $1::oid and not t.tgisinternal and t.tgenabled <> 'D') as triggers
from pg_roles s
where s.rolname = session_user
