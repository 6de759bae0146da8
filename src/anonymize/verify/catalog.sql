-- Which texts does the database hold beside its rows and its schema: in statistics, settings, names?
with own as (
  select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
)
select 'comment' as kind, pg_describe_object(d.classoid, d.objoid, 0) as name, d.description as text
from pg_shdescription d
where d.classoid = 'pg_database'::regclass and d.objoid = (select oid from pg_database where datname = current_database())
union all
select 'label', pg_describe_object(l.classoid, l.objoid, l.objsubid), l.label from pg_seclabel l
union all
select 'name', format('%s %s', c.relkind, c.oid::regclass), c.relname::text
from pg_class c where c.relnamespace in (select oid from own)
union all
select 'name', format('column of %s', a.attrelid::regclass), a.attname::text
from pg_attribute a join pg_class c on c.oid = a.attrelid
where a.attnum > 0 and c.relnamespace in (select oid from own)
union all
select 'setting', coalesce(d.datname, 'role') || coalesce(' for ' || r.rolname, ''), array_to_string(s.setconfig, E'\n')
from pg_db_role_setting s
left join pg_database d on d.oid = s.setdatabase
left join pg_roles r on r.oid = s.setrole
where d.datname = current_database()
union all
select 'option', c.oid::regclass::text, array_to_string(c.reloptions, ' ')
from pg_class c where c.reloptions is not null and c.relnamespace in (select oid from own)
union all
select 'option', s.srvname::text, array_to_string(s.srvoptions, ' ') from pg_foreign_server s where s.srvoptions is not null
union all
select 'statistics', format('%I.%I.%I', s.schemaname, s.tablename, s.attname),
  concat_ws(' ', s.most_common_vals::text, s.histogram_bounds::text, s.most_common_elems::text)
from pg_stats s
where s.schemaname not in ('pg_catalog', 'information_schema')
union all
select 'statistics', format('%I.%I', s.statistics_schemaname, s.statistics_name), s.most_common_vals::text
from pg_stats_ext s
where s.most_common_vals is not null
