-- Which sequences are there, and which column owns each?
-- Kind 'i' makes it the sequence of an identity column, 'a' is OWNED BY.
select
  c.oid, n.nspname as schema, c.relname as name, pg_get_userbyid(c.relowner) as owner,
  c.relpersistence = 'u' as "isUnlogged",
  format_type(s.seqtypid, null) as type,
  s.seqstart::text as start,
  s.seqincrement::text as increment,
  s.seqmin::text as min,
  s.seqmax::text as max,
  s.seqcache::text as cache,
  s.seqcycle as "isCycling",
  d.refobjid as relation,
  d.refobjsubid as "column",
  d.deptype = 'i' as "isIdentity"
from pg_class c
join pg_sequence s on s.seqrelid = c.oid
join pg_namespace n on n.oid = c.relnamespace
left join pg_depend d
  on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.objsubid = 0
  and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0 and d.deptype in ('a', 'i')
where n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e'
  )
order by n.nspname, c.relname
