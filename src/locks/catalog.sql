-- Which tables are there, with columns, constraints, indexes, sizes and the views on them?
select case n.nspname when 'public' then '' else n.nspname || '.' end || c.relname as name,
       c.relkind as kind,
       pg_total_relation_size(c.oid) + coalesce(parts.bytes, 0) as bytes,
       (select case dn.nspname when 'public' then '' else dn.nspname || '.' end || d.relname
        from pg_partitioned_table pt
        join pg_class d on d.oid = pt.partdefid join pg_namespace dn on dn.oid = d.relnamespace
        where pt.partrelid = c.oid) as "defaultPartition",
       (select json_agg(a.attname)::text
        from pg_partitioned_table pt
        join pg_attribute a on a.attrelid = pt.partrelid and a.attnum = any (pt.partattrs::int2[])
        where pt.partrelid = c.oid and pt.partexprs is null) as "partitionKey",
       c.relrowsecurity as "hasRowSecurity",
       (select coalesce(json_object_agg(polname, polpermissive), '{}') from pg_policy where polrelid = c.oid)::text as policies,
       sizes."isEmpty",
       -- reltuples is -1 of what was never analyzed. Where nothing has pages, there is nothing to be analyzed.
       case when sizes."isEmpty" then 0 else greatest(parts.rows, nullif(c.reltuples, -1)) end as rows,
       (select coalesce(json_agg(json_build_object(
                 'name', a.attname, 'type', coalesce(e.typname, t.typname), 'typmod', a.atttypmod,
                 'isArray', e.oid is not null, 'isNotNull', a.attnotnull,
                 'collation', (select collname from pg_collation
                               where oid = a.attcollation and a.attcollation <> t.typcollation))), '[]')
        from pg_attribute a
        join pg_type t on t.oid = a.atttypid
        left join pg_type e on e.oid = t.typelem and t.typcategory = 'A'
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)::text as columns,
       (select coalesce(json_agg(json_build_object(
                 'name', k.conname, 'type', k.contype, 'isValid', k.convalidated,
                 'columns', (select json_agg(a.attname) from pg_attribute a
                             where a.attrelid = c.oid and a.attnum = any (k.conkey)),
                 'definition', pg_get_constraintdef(k.oid),
                 'references', case when k.confrelid <> 0 then
                   (select case fn.nspname when 'public' then '' else fn.nspname || '.' end || f.relname
                    from pg_class f join pg_namespace fn on fn.oid = f.relnamespace
                    where f.oid = k.confrelid) end)), '[]')
        from pg_constraint k where k.conrelid = c.oid)::text as constraints,
       (select coalesce(json_agg(json_build_object(
                 'name', case xn.nspname when 'public' then '' else xn.nspname || '.' end || x.relname,
                 'isUnique', i.indisunique and i.indpred is null,
                 'constraint', (select conname from pg_constraint where conindid = x.oid
                                and contype in ('p', 'u', 'x') limit 1),
                 'isComputed', i.indpred is not null or i.indexprs is not null,
                 'keys', (select json_agg(a.attname)
                          from unnest(i.indkey[:i.indnkeyatts - 1]) k join pg_attribute a on a.attrelid = c.oid and a.attnum = k),
                 'collated', (select json_agg(a.attname)
                              from unnest(i.indkey[:i.indnkeyatts - 1], i.indcollation::oid[]) k (key, coll)
                              join pg_attribute a on a.attrelid = c.oid and a.attnum = k.key and a.attcollation <> k.coll),
                 'uses', (select json_agg(a.attname) from pg_attribute a
                          where a.attrelid = c.oid and a.attnum > 0 and
                            (a.attnum = any (i.indkey) or exists
                              (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = x.oid
                               and d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and d.refobjsubid = a.attnum))),
                 'columns', case when i.indpred is null then
                   (select json_agg(a.attname order by array_position(i.indkey::int2[], a.attnum))
                    from pg_attribute a where a.attrelid = c.oid and a.attnum = any (i.indkey)) end)), '[]')
        from pg_index i join pg_class x on x.oid = i.indexrelid join pg_namespace xn on xn.oid = x.relnamespace
        where i.indrelid = c.oid)::text as indexes,
       (select coalesce(json_agg(json_build_object('view', v.name, 'columns', v.columns)), '[]')
        from (select r.ev_class::regclass::text as name, json_agg(distinct a.attname) as columns
              from pg_depend d
              join pg_rewrite r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
              join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
              where d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and r.ev_class <> c.oid
              group by r.ev_class) v)::text as views
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join lateral (
  select sum(pg_total_relation_size(p.relid)) as bytes, sum(pg_relation_size(p.relid)) as heap, sum(nullif(l.reltuples, -1)) as rows
  from pg_partition_tree(c.oid) p join pg_class l on l.oid = p.relid
  where p.isleaf and c.relkind = 'p') parts on true
-- The rows of a foreign table are elsewhere.
cross join lateral (
  select c.relkind <> 'f' and coalesce(pg_relation_size(c.oid), 0) + coalesce(parts.heap, 0) = 0 as "isEmpty") sizes
where c.relkind in ('r', 'p', 'v', 'm', 'f')
  and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
