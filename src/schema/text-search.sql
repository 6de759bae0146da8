-- Which text search dictionaries and configurations are there?
-- Token types of a configuration are named by its parser; dictionaries stand in order.
select
  'dictionary' as kind, d.oid, n.nspname as schema, d.dictname as name,
  pg_get_userbyid(d.dictowner) as owner,
  json_build_array(tn.nspname, t.tmplname) as base,
  d.dictinitoption as options,
  '[]'::json as mappings
from pg_ts_dict d
join pg_namespace n on n.oid = d.dictnamespace
join pg_ts_template t on t.oid = d.dicttemplate
join pg_namespace tn on tn.oid = t.tmplnamespace
where n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_ts_dict'::regclass and e.objid = d.oid and e.deptype = 'e'
  )
union all
select
  'configuration', c.oid, n.nspname, c.cfgname, pg_get_userbyid(c.cfgowner),
  json_build_array(pn.nspname, p.prsname),
  null,
  (select coalesce(json_agg(json_build_array(m.token, m.dictionaries)), '[]')
   from (
     select
       (select tt.alias from ts_token_type(c.cfgparser) tt where tt.tokid = m.maptokentype)
         as token,
       json_agg(json_build_array(dn.nspname, d.dictname) order by m.mapseqno) as dictionaries
     from pg_ts_config_map m
     join pg_ts_dict d on d.oid = m.mapdict
     join pg_namespace dn on dn.oid = d.dictnamespace
     where m.mapcfg = c.oid
     group by m.maptokentype
   ) m)
from pg_ts_config c
join pg_namespace n on n.oid = c.cfgnamespace
join pg_ts_parser p on p.oid = c.cfgparser
join pg_namespace pn on pn.oid = p.prsnamespace
where n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_ts_config'::regclass and e.objid = c.oid and e.deptype = 'e'
  )
