-- Which materialized views are filled, those first that others are made of?
with recursive uses as (
  select distinct r.ev_class as view, d.refobjid as base
  from pg_rewrite r
  join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
    and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
  join pg_class c on c.oid = r.ev_class and c.relkind in ('v', 'm')
), depth as (
  select c.oid as view, 0 as level from pg_class c where c.relkind in ('v', 'm')
  union
  select u.view, d.level + 1 from depth d join uses u on u.base = d.view
)
select format('%I.%I', n.nspname, c.relname) as name
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join (select view, max(level) as level from depth group by view) d on d.view = c.oid
where c.relkind = 'm' and c.relispopulated
order by d.level, 1
