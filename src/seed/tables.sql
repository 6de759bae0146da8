-- Which tables can be filled, with their keys, checks and triggers?
-- Partitions are filled through their parents; tables of extensions are their extension's affair.
select
  c.oid::int8::text as oid,
  n.nspname as schema,
  c.relname as name,
  c.relkind = 'p' as "isPartitioned",
  (select coalesce(json_agg(json_build_object('schema', un.nspname, 'name', u.relname, 'key', pg_get_partkeydef(u.oid), 'bounds',
     (select json_agg(pg_get_expr(p.relpartbound, p.oid) order by p.relname collate "C")
      from pg_inherits h join pg_class p on p.oid = h.inhrelid where h.inhparent = u.oid))
     order by u.relname collate "C"), '[]')
   from pg_partition_tree(c.oid) v join pg_class u on u.oid = v.relid join pg_namespace un on un.oid = u.relnamespace
   where c.relkind = 'p' and u.relkind = 'p') as partitions,
  (select coalesce(json_agg(json_build_object(
     'name', i.relname,
     'isPrimary', x.indisprimary,
     'predicate', pg_get_expr(x.indpred, x.indrelid),
     'isNullsEqual', coalesce((to_jsonb(x) ->> 'indnullsnotdistinct')::boolean, false),
     'expressions', pg_get_expr(x.indexprs, x.indrelid),
     'columns', (select coalesce(json_agg(a.attname order by a.attnum), '[]')
        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
          and (a.attnum = any ((x.indkey::int2[])[0:x.indnkeyatts - 1]) or (0 = any (x.indkey::int2[])
            and exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = i.oid
              and d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and d.refobjsubid = a.attnum)))))
     order by x.indisprimary desc, i.relname collate "C"), '[]')
   from pg_index x join pg_class i on i.oid = x.indexrelid
   where x.indrelid = c.oid and x.indisunique and not x.indisexclusion) as uniques,
  (select coalesce(json_agg(json_build_object(
     'name', k.conname,
     'target', k.confrelid::int8::text,
     'columns', (select json_agg(a.attname order by u.place) from unnest(k.conkey) with ordinality u(number, place)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number),
     'targetColumns', (select json_agg(a.attname order by u.place) from unnest(k.confkey) with ordinality u(number, place)
        join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number),
     'isFull', k.confmatchtype = 'f') order by k.conname collate "C"), '[]')
   from pg_constraint k
   where k.conrelid = c.oid and k.contype = 'f'
     and coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
     and not exists (select from pg_constraint up where up.oid = k.conparentid and up.conrelid = c.oid)
  ) as "foreignKeys",
  (select coalesce(json_agg(json_build_object(
     'name', k.conname, 'expression', pg_get_expr(k.conbin, k.conrelid)) order by k.conname collate "C"), '[]')
   from pg_constraint k
   where k.conrelid = c.oid and k.contype = 'c'
     and coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)) as checks,
  (select coalesce(json_agg(json_build_object(
     'name', k.conname,
     'definition', pg_get_constraintdef(k.oid),
     'columns', (select json_agg(a.attname order by u.place) from unnest(k.conkey) with ordinality u(number, place)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number),
     'operators', (select json_agg(o.oprname order by u.place) from unnest(k.conexclop) with ordinality u(id, place)
        join pg_operator o on o.oid = u.id)) order by k.conname collate "C"), '[]')
   from pg_constraint k
   where k.conrelid = c.oid and (k.contype = 'x' or k.contype in ('p', 'u') and k.conexclop is not null)) as exclusions,
  (select coalesce(json_agg(f.prosrc order by g.tgname collate "C"), '[]')
   from pg_trigger g join pg_proc f on f.oid = g.tgfoid
   where g.tgrelid = c.oid and not g.tgisinternal and g.tgenabled <> 'D' and g.tgtype & 4 <> 0) as "triggerSources",
  (select coalesce(json_agg(json_build_object(
     'name', a.attname,
     'type', a.atttypid::int8::text,
     'modifier', a.atttypmod,
     'typeName', format_type(a.atttypid, a.atttypmod),
     'isNotNull', a.attnotnull,
     'isGenerated', a.attgenerated <> '',
     'isIdentity', a.attidentity <> '',
     'default', pg_get_expr(d.adbin, d.adrelid),
     'sequence', pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname)) order by a.attnum), '[]')
   from pg_attribute a
   left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p')
  and c.relpersistence <> 't'
  and not c.relispartition
  and n.nspname not in ('pg_catalog', 'information_schema', 'pgwright')
  and n.nspname !~ '^pg_(toast|temp)'
  and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
order by n.nspname collate "C", c.relname collate "C"
