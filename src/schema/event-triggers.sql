-- Which event triggers are there?
select
  t.oid, t.evtname as name, pg_get_userbyid(t.evtowner) as owner,
  t.evtevent as event, t.evtenabled::text as state,
  array_to_json(coalesce(t.evttags, '{}')) as tags,
  quote_ident(n.nspname) || '.' || quote_ident(p.proname) as function
from pg_event_trigger t
join pg_proc p on p.oid = t.evtfoid
join pg_namespace n on n.oid = p.pronamespace
where not exists (
    select from pg_depend e
    where e.classid = 'pg_event_trigger'::regclass and e.objid = t.oid and e.deptype = 'e'
  )
