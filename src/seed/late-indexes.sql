-- Which indexes of empty tables can be built after the rows, and come back exactly as they are?
-- Left where they are: what another table's foreign key or another object depends on, what clusters or identifies
-- rows, and what CREATE INDEX would not give back (tablespaces, targets of statistics, comments of parts).
select
  c.oid::int8::text as "table",
  i.oid as id,
  i.relname as name,
  case when k.oid is null
    then format('drop index %I.%I', n.nspname, i.relname)
    else format('alter table %I.%I drop constraint %I', n.nspname, c.relname, k.conname) end as remove,
  case when k.oid is null
    then pg_get_indexdef(i.oid)
    else format('alter table %I.%I add constraint %I %s', n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid)) end
    || coalesce(format(e';\ncomment on index %I.%I is ', n.nspname, i.relname) || quote_literal(obj_description(i.oid, 'pg_class')), '')
    || case when k.oid is null then '' else
      coalesce(format(e';\ncomment on constraint %I on %I.%I is ', k.conname, n.nspname, c.relname) || quote_literal(obj_description(k.oid, 'pg_constraint')), '') end
    as build,
  (select coalesce(json_agg(f.conname), '[]') from pg_constraint f
   where f.conindid = i.oid and f.contype = 'f' and f.conrelid = c.oid) as "ownKeys"
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_index x on x.indrelid = c.oid
join pg_class i on i.oid = x.indexrelid
left join pg_constraint k on k.conindid = i.oid and k.conrelid = c.oid and k.contype in ('p', 'u', 'x')
where c.relkind = 'r'
  and not c.relispartition
  and n.nspname not in ('pg_catalog', 'information_schema', 'pgwright')
  and pg_has_role(c.relowner, 'USAGE')
  and has_schema_privilege(n.oid, 'CREATE')
  and not exists (select from pg_event_trigger where evtenabled <> 'D')
  and not exists (select from pg_inherits h where c.oid in (h.inhrelid, h.inhparent))
  and x.indisvalid and x.indisready and x.indislive
  and not x.indisclustered and not x.indisreplident
  and i.relowner = c.relowner
  and i.reltablespace = 0
  and (k.oid is null or k.contype <> 'x')
  and not exists (select from pg_constraint f where f.conindid = i.oid and f.contype = 'f' and f.conrelid <> c.oid)
  and not exists (select from pg_seclabel s where s.classoid = 'pg_class'::regclass and s.objoid = i.oid)
  and not exists (select from pg_attribute a where a.attrelid = i.oid and coalesce(a.attstattarget, -1) >= 0)
  and not exists (select from pg_depend d
    where d.refclassid = 'pg_class'::regclass and d.refobjid = i.oid
        and not exists (select from pg_constraint f where d.classid = 'pg_constraint'::regclass and f.oid = d.objid
          and f.contype = 'f' and f.conrelid = c.oid)
      or d.refclassid = 'pg_constraint'::regclass and d.refobjid = k.oid and not (d.classid = 'pg_class'::regclass and d.objid = i.oid))
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = i.oid and d.deptype in ('e', 'x'))
union all
-- Of a partitioned table, those that keep no constraint, with the names that their parts have. With hundreds
-- of parts, making them takes longer than it saves.
select
  c.oid::int8::text,
  i.oid,
  i.relname,
  format('drop index %I.%I', n.nspname, i.relname),
  (select string_agg(pg_get_indexdef(part.oid) || case when t.parentrelid is null then ''
       else format(e';\nalter index %I.%I attach partition %I.%I', un.nspname, up.relname, partn.nspname, part.relname) end,
     e';\n' order by t.level, part.relname collate "C")
   from pg_partition_tree(i.oid) t
   join pg_class part on part.oid = t.relid join pg_namespace partn on partn.oid = part.relnamespace
   left join pg_class up on up.oid = t.parentrelid left join pg_namespace un on un.oid = up.relnamespace)
   || coalesce(format(e';\ncomment on index %I.%I is ', n.nspname, i.relname) || quote_literal(obj_description(i.oid, 'pg_class')), ''),
  '[]'
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_index x on x.indrelid = c.oid
join pg_class i on i.oid = x.indexrelid
where c.relkind = 'p'
  and not c.relispartition
  and n.nspname not in ('pg_catalog', 'information_schema', 'pgwright')
  and pg_has_role(c.relowner, 'USAGE')
  and not exists (select from pg_event_trigger where evtenabled <> 'D')
  and (select count(*) from pg_partition_tree(i.oid)) <= 100
  and not exists (
    select from pg_partition_tree(i.oid) t
    join pg_class part on part.oid = t.relid
    join pg_index px on px.indexrelid = part.oid
    where not (px.indisvalid and px.indisready and px.indislive)
      or px.indisclustered or px.indisreplident
      or part.relowner <> c.relowner
      or part.reltablespace <> 0
      or not has_schema_privilege(part.relnamespace, 'CREATE')
      or exists (select from pg_constraint k where k.conindid = part.oid)
      or part.oid <> i.oid and exists (select from pg_description d where d.classoid = 'pg_class'::regclass and d.objoid = part.oid)
      or exists (select from pg_seclabel s where s.classoid = 'pg_class'::regclass and s.objoid = part.oid)
      or exists (select from pg_attribute a where a.attrelid = part.oid and coalesce(a.attstattarget, -1) >= 0)
      or exists (select from pg_depend d where d.refclassid = 'pg_class'::regclass and d.refobjid = part.oid
        and d.objid not in (select u.relid from pg_partition_tree(i.oid) u))
      or exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = part.oid and d.deptype in ('e', 'x')))
order by id
