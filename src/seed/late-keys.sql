-- Which foreign keys can be taken away and added again after the rows, exactly as they are?
-- Left where they are: what is not valid, not enforced or switched off, and what has other names or comments
-- in partitions. Both tables must be the role's own, for both are locked and altered.
select
  c.oid::int8::text as "table",
  k.conname as name,
  format('alter table %I.%I drop constraint %I', n.nspname, c.relname, k.conname) as remove,
  format('alter table %I.%I add constraint %I %s', n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid))
    || coalesce(format(e';\ncomment on constraint %I on %I.%I is ', k.conname, n.nspname, c.relname) || quote_literal(obj_description(k.oid, 'pg_constraint')), '')
    as build,
  format('%I.%I', pn.nspname, p.relname) as parent
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_class p on p.oid = k.confrelid
join pg_namespace pn on pn.oid = p.relnamespace
where k.contype = 'f'
  and k.conparentid = 0
  and c.relkind in ('r', 'p') and not c.relispartition
  and p.relkind in ('r', 'p')
  and n.nspname not in ('pg_catalog', 'information_schema', 'pgwright')
  and pg_has_role(c.relowner, 'USAGE') and pg_has_role(p.relowner, 'USAGE')
  and k.convalidated
  and coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
  and not exists (select from pg_event_trigger where evtenabled <> 'D')
  and not exists (select from pg_trigger g where g.tgconstraint = k.oid and g.tgenabled <> 'O')
  and (c.relkind = 'p' or not exists (select from pg_inherits h where c.oid in (h.inhrelid, h.inhparent)))
  and not exists (select from pg_constraint d where d.conparentid = k.oid and d.conrelid <> k.conrelid and d.conname <> k.conname)
  and not exists (select from pg_description d where d.classoid = 'pg_constraint'::regclass and d.objoid in (
    select part.oid from pg_constraint part where part.conparentid = k.oid))
  and not exists (select from pg_depend d
    where d.refclassid = 'pg_constraint'::regclass and d.refobjid = k.oid
      and d.classid not in ('pg_constraint'::regclass, 'pg_trigger'::regclass))
order by k.oid
