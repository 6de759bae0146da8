-- Which texts does the database hold beside its rows: of the schema, of statistics, of settings?
with own as (
  select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
)
select 'comment' as kind, pg_describe_object(d.classoid, d.objoid, d.objsubid) as name, d.description as text
from pg_description d
where d.objoid >= 16384 or d.classoid = 'pg_namespace'::regclass and d.objoid in (select oid from own)
union all
select 'comment', pg_describe_object(d.classoid, d.objoid, 0), d.description
from pg_shdescription d
where d.classoid = 'pg_database'::regclass and d.objoid = (select oid from pg_database where datname = current_database())
union all
select 'label', pg_describe_object(l.classoid, l.objoid, l.objsubid), l.label from pg_seclabel l
union all
select 'default', format('%s.%I', d.adrelid::regclass, a.attname), pg_get_expr(d.adbin, d.adrelid)
from pg_attrdef d
join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
join pg_class c on c.oid = d.adrelid
where c.relnamespace in (select oid from own)
union all
select 'default', t.oid::regtype::text, t.typdefault
from pg_type t
where t.typtype = 'd' and t.typdefault is not null and t.typnamespace in (select oid from own)
union all
select 'constraint', format('%s of %s', k.conname, coalesce(nullif(k.conrelid, 0)::regclass::text, k.contypid::regtype::text)),
  pg_get_constraintdef(k.oid)
from pg_constraint k
where k.contype in ('c', 'x') and k.connamespace in (select oid from own)
union all
select 'index', x.indexrelid::regclass::text, concat_ws(' ', pg_get_expr(x.indexprs, x.indrelid), pg_get_expr(x.indpred, x.indrelid))
from pg_index x
join pg_class c on c.oid = x.indexrelid
where (x.indexprs is not null or x.indpred is not null) and c.relnamespace in (select oid from own)
union all
select 'partition bound', c.oid::regclass::text, pg_get_expr(c.relpartbound, c.oid)
from pg_class c
where c.relpartbound is not null and c.relnamespace in (select oid from own)
union all
select 'view', c.oid::regclass::text, pg_get_viewdef(c.oid)
from pg_class c
where c.relkind in ('v', 'm') and c.relnamespace in (select oid from own)
union all
select 'function', p.oid::regprocedure::text, pg_get_functiondef(p.oid)
from pg_proc p
where p.prokind <> 'a' and p.pronamespace in (select oid from own)
union all
select 'trigger', format('%s on %s', t.tgname, t.tgrelid::regclass), pg_get_triggerdef(t.oid)
from pg_trigger t
join pg_class c on c.oid = t.tgrelid
where not t.tgisinternal and c.relnamespace in (select oid from own)
union all
select 'rule', format('%s on %s', r.rulename, r.ev_class::regclass), pg_get_ruledef(r.oid)
from pg_rewrite r
join pg_class c on c.oid = r.ev_class
where r.rulename <> '_RETURN' and c.relnamespace in (select oid from own)
union all
select 'policy', format('%s on %s', p.polname, p.polrelid::regclass),
  concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
from pg_policy p
union all
select 'enum label', e.enumtypid::regtype::text, e.enumlabel from pg_enum e
union all
select 'name', format('%s %s', c.relkind, c.oid::regclass), c.relname::text
from pg_class c where c.relnamespace in (select oid from own)
union all
select 'name', format('column of %s', a.attrelid::regclass), a.attname::text
from pg_attribute a join pg_class c on c.oid = a.attrelid
where a.attnum > 0 and c.relnamespace in (select oid from own)
union all
select 'publication', p.pubname::text, pg_get_expr(r.prqual, r.prrelid)
from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
where r.prqual is not null
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
