-- Which tables, foreign tables, views and materialized views are there?
select
  c.oid, c.reltype as "rowType", n.nspname as schema, c.relname as name,
  pg_get_userbyid(c.relowner) as owner,
  c.relkind::text as kind,
  c.relpersistence = 'u' as "isUnlogged",
  c.relispartition as "isPartition",
  (select array_to_json(array_agg(i.inhparent::int8 order by i.inhseqno))
   from pg_inherits i where i.inhrelid = c.oid) as parents,
  (select bool_or(i.inhdetachpending) from pg_inherits i where i.inhrelid = c.oid)
    as "isBeingDetached",
  case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end as "partitionKey",
  pg_get_expr(c.relpartbound, c.oid) as bound,
  array_to_json(coalesce(c.reloptions, '{}')) as options,
  array_to_json(coalesce(t.reloptions, '{}')) as "toastOptions",
  case when m.amname <> 'heap' then m.amname end as "accessMethod",
  (select s.spcname from pg_tablespace s where s.oid = c.reltablespace) as tablespace,
  c.relreplident::text as "replicaIdentity",
  c.relrowsecurity as "hasRowSecurity",
  c.relforcerowsecurity as "forcesRowSecurity",
  case when c.reloftype <> 0 then format_type(c.reloftype, null) end as "ofType",
  (select s.srvname from pg_foreign_server s where s.oid = f.ftserver) as server,
  (select coalesce(json_agg(json_build_array(o.option_name, o.option_value)
     order by o.option_name collate "C"), '[]')
   from pg_options_to_table(f.ftoptions) o) as "foreignOptions",
  case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end as query,
  (select r.oid from pg_rewrite r where r.ev_class = c.oid and r.rulename = '_RETURN')
    as "queryRule",
  (select count(*) from pg_trigger g
   where g.tgrelid = c.oid and g.tgisinternal and g.tgenabled <> 'O')::int as "disabledInternals"
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join pg_class t on t.oid = c.reltoastrelid
left join pg_am m on m.oid = c.relam
left join pg_foreign_table f on f.ftrelid = c.oid
where c.relkind in ('r', 'p', 'f', 'v', 'm')
  and n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e'
  )
