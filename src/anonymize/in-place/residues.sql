-- What outside of the tables may still hold originals?
select 'large-objects' as kind, count(*)::text as name from pg_largeobject_metadata having count(*) > 0
union all
select 'slot', s.slot_name::text from pg_replication_slots s where s.database is null or s.database = current_database()
union all
select 'standby', coalesce(nullif(r.application_name, ''), 'one') from pg_stat_replication r
union all
select 'archive', current_setting('archive_mode') where current_setting('archive_mode') <> 'off'
union all
select 'statements', '' from pg_extension e where e.extname = 'pg_stat_statements'
union all
select 'log', current_setting('log_min_duration_statement') || ' / ' || current_setting('log_statement')
where current_setting('log_min_duration_statement') <> '-1' or current_setting('log_statement') <> 'none'
