-- What do the functions, views and triggers of this database say? Text is null where it cannot be read.
-- Functions of extensions that are no trigger's are their extension's affair; a table says which functions
-- its triggers call.
select p.proname as name,
  case when l.lanname in ('sql', 'plpgsql') then coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) end as text
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
join pg_language l on l.oid = p.prolang
where n.nspname not in ('pg_catalog', 'information_schema')
  and p.prokind in ('f', 'p')
  and (p.prorettype = 'trigger'::regtype
    or not exists (select from pg_depend e where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e'))
union all
select c.relname, pg_get_viewdef(c.oid)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('v', 'm') and n.nspname not in ('pg_catalog', 'information_schema')
union all
select c.relname, string_agg(distinct quote_ident(f.proname), ' ')
from pg_trigger g join pg_class c on c.oid = g.tgrelid join pg_proc f on f.oid = g.tgfoid
where not g.tgisinternal and g.tgenabled <> 'D'
group by c.oid, c.relname
