-- Where is pg_stat_statements, which columns has it, and is it recording for this server?
select /* pgwright insight */ e.extversion as version, n.nspname as schema, a.default_version as "newestVersion",
       (select json_agg(t.attname order by t.attnum)
        from pg_class v
        join pg_attribute t on t.attrelid = v.oid and t.attnum > 0 and not t.attisdropped
        -- Somebody may have put a view of that name in front: only the extension's own counts.
        join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = v.oid
                        and d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid and d.deptype = 'e'
        where v.relname = 'pg_stat_statements') as columns,
       -- Not loaded, a value in postgresql.conf is a placeholder that any session may change.
       exists (select from pg_settings where name = 'pg_stat_statements.max' and context = 'postmaster') as "isLoaded",
       pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') as "readsAll",
       has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') as "canReadIdentity",
       pg_postmaster_start_time()::text as "startedAt"
from (values (0)) as one
left join pg_extension e on e.extname = 'pg_stat_statements'
left join pg_namespace n on n.oid = e.extnamespace
left join pg_available_extensions a on a.name = 'pg_stat_statements'
