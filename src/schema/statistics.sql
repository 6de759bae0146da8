-- Which extended statistics are there?
-- The target is null since PostgreSQL 17 where it was -1.
select
  s.oid, s.stxrelid as relation, n.nspname as schema, s.stxname as name,
  pg_get_userbyid(s.stxowner) as owner,
  case when s.stxstattarget >= 0 then s.stxstattarget end as target,
  pg_get_statisticsobjdef(s.oid) as definition
from pg_statistic_ext s
join pg_namespace n on n.oid = s.stxnamespace
where s.oid >= 16384
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_statistic_ext'::regclass and e.objid = s.oid and e.deptype = 'e'
  )
