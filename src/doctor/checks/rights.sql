-- What may the connected role do for migrations that run as the role $1, with their ledger in schema $2?
select r.oid is not null as "roleExists",
       -- On 16 and later a membership WITH SET FALSE is a membership too.
       coalesce(
         case when current_setting('server_version_num')::int >= 160000
              then pg_has_role(session_user, r.oid, 'SET')
              else pg_has_role(session_user, r.oid, 'MEMBER') end, false) as "canBeSet",
       coalesce(has_database_privilege(r.oid, current_database(), 'CREATE'), false) as "roleCreatesSchemas",
       has_database_privilege(current_database(), 'CREATE') as "createsSchemas",
       quote_ident(d.rolname) as "databaseOwner",
       n.oid is not null as "schemaExists",
       quote_ident(case o.rolname when 'pg_database_owner' then d.rolname else o.rolname end) as "schemaOwner",
       coalesce(has_schema_privilege(n.oid, 'CREATE'), false) as "createsInSchema",
       exists (
         select from pg_class c
         where c.relnamespace = n.oid and c.relkind = 'r'
           and (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
                where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)
               = array['version', 'applied_at', 'checksum', 'description']) as "hasLedger"
from pg_database db
join pg_roles d on d.oid = db.datdba
left join pg_roles r on r.rolname = $1::text
left join pg_namespace n on n.nspname = $2::text
left join pg_roles o on o.oid = n.nspowner
where db.datname = current_database()
