-- Which foreign data wrappers and servers are there? Options are sorted by name.
select
  'wrapper' as kind, w.oid, w.fdwname as name, pg_get_userbyid(w.fdwowner) as owner,
  null as wrapper, null as type, null as version,
  case when w.fdwhandler <> 0 then
    (select quote_ident(n.nspname) || '.' || quote_ident(p.proname)
     from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where p.oid = w.fdwhandler) end as handler,
  case when w.fdwvalidator <> 0 then
    (select quote_ident(n.nspname) || '.' || quote_ident(p.proname)
     from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where p.oid = w.fdwvalidator) end as validator,
  (select coalesce(json_agg(json_build_array(o.option_name, o.option_value)
     order by o.option_name collate "C"), '[]')
   from pg_options_to_table(w.fdwoptions) o) as options
from pg_foreign_data_wrapper w
where w.oid >= 16384
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_foreign_data_wrapper'::regclass and e.objid = w.oid and e.deptype = 'e'
  )
union all
select
  'server', s.oid, s.srvname, pg_get_userbyid(s.srvowner),
  w.fdwname, s.srvtype, s.srvversion, null, null,
  (select coalesce(json_agg(json_build_array(o.option_name, o.option_value)
     order by o.option_name collate "C"), '[]')
   from pg_options_to_table(s.srvoptions) o)
from pg_foreign_server s
join pg_foreign_data_wrapper w on w.oid = s.srvfdw
where not exists (
    select from pg_depend e
    where e.classid = 'pg_foreign_server'::regclass and e.objid = s.oid and e.deptype = 'e'
  )
