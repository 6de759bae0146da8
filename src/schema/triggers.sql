-- Which triggers do tables and views have?
-- A row trigger of a partitioned table has a clone on each partition, which is listed where it
-- fires in another way than the original or has a comment of its own.
select
  t.oid, t.tgrelid as relation, t.tgname as name, t.tgenabled::text as state,
  pg_get_triggerdef(t.oid) as definition,
  t.tgconstraint as constraint,
  t.tgparentid as parent,
  t.tgenabled is distinct from p.tgenabled as "isStateOwn"
from pg_trigger t
left join pg_trigger p on p.oid = t.tgparentid
where not t.tgisinternal
  and t.oid >= 16384
  and (p.oid is null or t.tgenabled <> p.tgenabled or exists (
    select from pg_description d
    where d.classoid = 'pg_trigger'::regclass and d.objoid = t.oid))
