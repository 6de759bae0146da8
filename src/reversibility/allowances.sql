-- What do tables with rows of their own refuse: types of columns, keys, checks, places for rows?
-- $1 and $2: schema and name of the ledger, which is left out with its log.
select
  c.oid::bigint::text as oid,
  n.nspname as schema,
  c.relname as name,
  (select coalesce(json_agg(json_build_object(
     'number', a.attnum, 'name', a.attname, 'type', t.typname, 'category', t.typcategory, 'modifier', a.atttypmod,
     'typeName', format_type(a.atttypid, a.atttypmod), 'isAlways', a.attidentity = 'a', 'isGenerated', a.attgenerated <> '')
     order by a.attnum), '[]')
   from pg_attribute a join pg_type t on t.oid = a.atttypid
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
  (select coalesce(json_agg(json_build_object(
     'name', i.relname,
     'predicate', pg_get_expr(x.indpred, x.indrelid),
     'expressions', pg_get_expr(x.indexprs, x.indrelid),
     'columns', (select coalesce(json_agg(a.attnum order by a.attnum), '[]')
        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
          and (a.attnum = any ((x.indkey::int2[])[0:x.indnkeyatts - 1]) or (0 = any (x.indkey::int2[])
            and exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = i.oid
              and d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and d.refobjsubid = a.attnum)))))
     order by i.relname collate "C"), '[]')
   from pg_index x join pg_class i on i.oid = x.indexrelid
   where x.indrelid = c.oid and x.indisunique and not x.indisexclusion and x.indisvalid) as uniques,
  -- A domain's CHECK is one of each column that has it.
  (select coalesce(json_agg(json_build_object('oid', r.id, 'name', r.name, 'expression', r.expression) order by r.name collate "C", r.id), '[]')
   from (
     select k.oid::bigint::text, k.conname, pg_get_expr(k.conbin, k.conrelid)
     from pg_constraint k
     where k.conrelid = c.oid and k.contype = 'c'
       and coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
     union all
     select k.oid::bigint || '/' || a.attnum, k.conname,
       regexp_replace(pg_get_expr(k.conbin, 0), '\mVALUE\M', quote_ident(a.attname), 'g')
     from pg_attribute a join pg_constraint k on k.contypid = a.atttypid and k.contype = 'c'
     where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
   ) r(id, name, expression)) as checks,
  (select coalesce(json_agg(json_build_object(
     'name', k.conname, 'columns', to_json(k.conkey), 'target', k.confrelid::bigint::text, 'targetColumns', to_json(k.confkey),
     'targetName', format('%I.%I', fn.nspname, f.relname),
     'targetNames', (select json_agg(a.attname order by u.place) from unnest(k.confkey) with ordinality u(number, place)
        join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number)) order by k.conname collate "C"), '[]')
   from pg_constraint k join pg_class f on f.oid = k.confrelid join pg_namespace fn on fn.oid = f.relnamespace
   where k.conrelid = c.oid and k.contype = 'f'
     and coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
     and not exists (select from pg_constraint up where up.oid = k.conparentid and up.conrelid = c.oid)) as "foreignKeys",
  (select coalesce(json_agg(json_build_object(
     'name', k.conname, 'definition', pg_get_constraintdef(k.oid), 'columns', to_json(k.conkey),
     'predicate', pg_get_expr(x.indpred, x.indrelid),
     'operators', (select json_agg(o.oprname order by u.place) from unnest(k.conexclop) with ordinality u(id, place)
        join pg_operator o on o.oid = u.id)) order by k.conname collate "C"), '[]')
   from pg_constraint k join pg_index x on x.indexrelid = k.conindid
   where k.conrelid = c.oid and (k.contype = 'x' or k.contype in ('p', 'u') and k.conexclop is not null)) as exclusions,
  (select coalesce(json_agg(json_build_object(
     'oid', v.relid::oid::bigint::text, 'schema', pn.nspname, 'name', p.relname,
     'parent', format('%I.%I', un.nspname, u.relname),
     'key', pg_get_partkeydef(u.oid), 'bound', pg_get_expr(p.relpartbound, p.oid))
     order by v.level, pn.nspname collate "C", p.relname collate "C"), '[]')
   from pg_partition_tree(c.oid) v
   join pg_class p on p.oid = v.relid join pg_namespace pn on pn.oid = p.relnamespace
   join pg_class u on u.oid = v.parentrelid join pg_namespace un on un.oid = u.relnamespace
   where c.relkind = 'p') as partitions
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p')
  and not c.relispartition
  and c.relpersistence <> 't'
  and n.nspname not in ('pg_catalog', 'information_schema', 'pgwright')
  and not (n.nspname = $1::text and c.relname in ($2::text, $2::text || '_log'))
  and not exists (
    select from pg_depend d
    where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by n.nspname collate "C", c.relname collate "C"
