-- Which tables hold rows of their own or divide them, with columns, keys, checks and foreign keys?
-- Tables of extensions, temporary ones and foreign ones are not among them.
select
  c.oid::int8::float8 as oid,
  n.nspname as schema,
  c.relname as name,
  c.relkind = 'p' as "isPartitioned",
  (select h.inhparent::int8::float8 from pg_inherits h where h.inhrelid = c.oid order by h.inhseqno limit 1) as parent,
  c.relispartition as "isPartition",
  c.reltuples::float8 as rows,
  (select coalesce(json_agg(a.attname), '[]') from pg_partitioned_table p
     join pg_attribute a on a.attrelid = p.partrelid and a.attnum > 0
      and (a.attnum = any (p.partattrs::int2[]) or (0 = any (p.partattrs::int2[]) and exists (
        select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
          and d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and d.refobjsubid = a.attnum
          and d.deptype = 'i')))
   where p.partrelid = c.oid) as "partitionKey",
  (select coalesce(json_agg(json_build_object(
     'name', i.relname,
     'isPrimary', x.indisprimary,
     'isValid', x.indisvalid,
     'predicate', pg_get_expr(x.indpred, x.indrelid),
     'definition', pg_get_indexdef(i.oid),
     'keys', (select json_agg(pg_get_indexdef(i.oid, k, false) order by k) from generate_series(1, x.indnkeyatts) k),
     'columns', (select json_agg(case when u.number = 0 then null else (select a.attname from pg_attribute a
          where a.attrelid = c.oid and a.attnum = u.number) end order by u.place)
        from unnest((x.indkey::int2[])[0:x.indnkeyatts - 1]) with ordinality u(number, place)),
     'uses', (select coalesce(json_agg(a.attname order by a.attnum), '[]') from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and (a.attnum = any ((x.indkey::int2[])[0:x.indnkeyatts - 1])
          or exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = i.oid
            and d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and d.refobjsubid = a.attnum
            and x.indexprs is not null))))
     order by x.indisprimary desc, i.relname collate "C"), '[]')
   from pg_index x join pg_class i on i.oid = x.indexrelid
   where x.indrelid = c.oid and x.indisunique and not x.indisexclusion) as uniques,
  (select coalesce(json_agg(json_build_object(
     'name', k.conname,
     'target', k.confrelid::int8::float8,
     'columns', (select json_agg(a.attname order by u.place) from unnest(k.conkey) with ordinality u(number, place)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number),
     'targetColumns', (select json_agg(a.attname order by u.place) from unnest(k.confkey) with ordinality u(number, place)
        join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number)) order by k.conname collate "C"), '[]')
   from pg_constraint k
   where k.conrelid = c.oid and k.contype = 'f' and k.conparentid = 0) as "foreignKeys",
  (select coalesce(json_agg(json_build_object(
     'name', k.conname,
     'columns', (select coalesce(json_agg(a.attname order by a.attnum), '[]') from pg_attribute a
        where a.attrelid = c.oid and a.attnum = any (k.conkey)),
     'expression', pg_get_expr(k.conbin, k.conrelid)) order by k.conname collate "C"), '[]')
   from pg_constraint k where k.conrelid = c.oid and k.contype = 'c'
     and coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)) as checks,
  (select coalesce(json_agg(json_build_object(
     'name', k.conname,
     'columns', (select coalesce(json_agg(a.attname order by u.place), '[]') from unnest(k.conkey) with ordinality u(number, place)
        left join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number),
     'definition', pg_get_constraintdef(k.oid),
     'operators', (select json_agg(o.oprname order by u.place) from unnest(k.conexclop) with ordinality u(id, place)
        join pg_operator o on o.oid = u.id)) order by k.conname collate "C"), '[]')
   from pg_constraint k
   where k.conrelid = c.oid and (k.contype = 'x' or k.contype in ('p', 'u') and k.conexclop is not null)) as exclusions,
  (select coalesce(json_agg(json_build_object(
     'name', a.attname,
     'type', a.atttypid::int8::text,
     'modifier', a.atttypmod,
     'typeName', format_type(a.atttypid, a.atttypmod),
     'blindCollation', (select format('%I.%I', ln.nspname, l.collname) from pg_collation l
        join pg_namespace ln on ln.oid = l.collnamespace
        where l.oid = a.attcollation and not l.collisdeterministic),
     'isNotNull', a.attnotnull,
     'isInherited', a.attinhcount > 0,
     'generated', case when a.attgenerated <> '' then pg_get_expr(d.adbin, d.adrelid) end,
     'isIdentity', a.attidentity <> '') order by a.attnum), '[]')
   from pg_attribute a
   left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p')
  and c.relpersistence <> 't'
  and n.nspname not in ('pg_catalog', 'information_schema', 'pgwright')
  and n.nspname !~ '^pg_(toast|temp)'
  and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
order by n.nspname collate "C", c.relname collate "C"
