-- Which conversions between encodings are there?
select
  c.oid, n.nspname as schema, c.conname as name, pg_get_userbyid(c.conowner) as owner,
  pg_encoding_to_char(c.conforencoding) as source,
  pg_encoding_to_char(c.contoencoding) as target,
  quote_ident(fn.nspname) || '.' || quote_ident(f.proname) as function,
  c.condefault as "isDefault"
from pg_conversion c
join pg_namespace n on n.oid = c.connamespace
join pg_proc f on f.oid = c.conproc
join pg_namespace fn on fn.oid = f.pronamespace
where n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_conversion'::regclass and e.objid = c.oid and e.deptype = 'e'
  )
