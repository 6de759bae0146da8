-- Which foreign keys are there, and which indexes find the referencing rows on each table or leaf?
-- An index finds them when the key's columns, in any order, are its first ones, compared by the
-- key's own operators. $1 schema or null, $2 oid of the only table or null, $3 and $4 schema and
-- name of the ledger, $5 oids of tables to leave out, as an array.
with /* pgwright insight */ recursive up as (
  select k.oid, k.conparentid, k.oid as leaf
  from pg_constraint k
  join pg_class t on t.oid = k.conrelid
  where k.contype = 'f' and t.relkind <> 'p' and t.oid <> all ($5::oid[])
    -- No trigger looks for rows of a key that is not enforced (18); that of a period needs GiST.
    and coalesce(to_jsonb(k) ->> 'conenforced', 'true') = 'true'
    and coalesce(to_jsonb(k) ->> 'conperiod', 'false') = 'false'
  union all
  select p.oid, p.conparentid, up.leaf
  from up
  join pg_constraint p on p.oid = up.conparentid
), leaves as (
  -- A key that references a partitioned table has a row for each partition of that one.
  select distinct on (root.oid, leaf.conrelid) root.oid as root, leaf.*
  from up root
  join pg_constraint leaf on leaf.oid = root.leaf
  where root.conparentid = 0
  order by root.oid, leaf.conrelid, leaf.oid
), judged as (
  select leaves.root,
         leaves.conrelid,
         coalesce((
           select json_agg(json_build_object(
             'index', coalesce(pg_partition_root(i.indexrelid)::oid, i.indexrelid)::text,
             'predicate', pg_get_expr(i.indpred, i.indrelid)))
           from pg_index i
           join pg_class c on c.oid = i.indexrelid
           join pg_am am on am.oid = c.relam and am.amname in ('btree', 'hash')
           where i.indrelid = leaves.conrelid
             and i.indisvalid and i.indisready and i.indislive
             and i.indnkeyatts >= cardinality(leaves.conkey)
             and cardinality(leaves.conkey) = (
               select count(distinct k) from unnest((i.indkey::int2[])[0:cardinality(leaves.conkey) - 1]) k)
             and not exists (
               select from generate_series(1, cardinality(leaves.conkey)) p
               where not exists (
                 select from generate_subscripts(leaves.conkey, 1) q
                 join pg_attribute a on a.attrelid = i.indrelid and a.attnum = leaves.conkey[q]
                 join pg_opclass o on o.oid = i.indclass[p - 1]
                 join pg_amop op on op.amopfamily = o.opcfamily and op.amopopr = leaves.conffeqop[q]
                 where leaves.conkey[q] = i.indkey[p - 1]
                   and i.indcollation[p - 1] in (0, a.attcollation)))), '[]') as covering
  from leaves
)
select k.conname as name,
       n.nspname as schema,
       t.relname as "tableName",
       t.oid::text as "tableOid",
       t.relkind = 'p' as "isPartitioned",
       (select json_agg(a.attname order by q)
        from generate_subscripts(k.conkey, 1) q
        join pg_attribute a on a.attrelid = t.oid and a.attnum = k.conkey[q]) as columns,
       format('%I.%I', rn.nspname, r.relname) as referenced,
       k.confdeltype as "onDelete",
       held.rows,
       held.bytes,
       changed.deletes,
       (select json_agg(json_build_object('table', format('%I.%I', ln.nspname, l.relname), 'covering', j.covering)
                        order by ln.nspname, l.relname)
        from judged j
        join pg_class l on l.oid = j.conrelid
        join pg_namespace ln on ln.oid = l.relnamespace
        where j.root = k.oid) as leaves
from pg_constraint k
join pg_class t on t.oid = k.conrelid
join pg_namespace n on n.oid = t.relnamespace
join pg_class r on r.oid = k.confrelid
join pg_namespace rn on rn.oid = r.relnamespace
cross join lateral (
  select sum(greatest(f.reltuples, pg_stat_get_live_tuples(f.oid), 0))::float8 as rows,
         sum(f.relpages::bigint * current_setting('block_size')::int)::float8 as bytes
  from (select t.oid where t.relkind <> 'p'
        union all
        select p.relid from pg_partition_tree(t.oid) p where t.relkind = 'p' and p.isleaf) part (oid)
  join pg_class f on f.oid = part.oid) held
cross join lateral (
  select sum(pg_stat_get_tuples_deleted(part.oid))::float8 as deletes
  from (select r.oid where r.relkind <> 'p'
        union all
        select p.relid from pg_partition_tree(r.oid) p where r.relkind = 'p' and p.isleaf) part (oid)) changed
where k.oid in (select root from judged)
  and n.nspname not in ('pg_catalog', 'information_schema', 'pgwright')
  and n.nspname !~ '^pg_temp'
  and t.oid <> all ($5::oid[])
  and ($1::text is null or n.nspname = $1)
  and ($2::oid is null or t.oid = $2)
  and not (n.nspname = $3::text and t.relname::text in ($4::text, $4::text || '_log'))
  and not exists (
    select from pg_depend d
    where d.classid = 'pg_class'::regclass and d.objid = t.oid and d.deptype = 'e')
order by n.nspname, t.relname, k.conname
