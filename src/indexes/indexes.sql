-- Which indexes are there, what are they made of, how large are they, and how often were they used?
-- An index of a partitioned table stands for its parts: size and scans are sums over the leaves.
-- $1 schema or null, $2 oid of the only table or null, $3 and $4 schema and name of the ledger,
-- $5 list the parts as well, $6 oids of tables to leave out, as an array: pg_get_indexdef() and
-- pg_relation_size() wait for who locks a table exclusively.
select /* pgwright insight */ i.indexrelid::text as oid,
       n.nspname as schema,
       c.relname as name,
       t.relname as "tableName",
       t.oid::text as "tableOid",
       am.amname as method,
       c.relkind = 'I' as "isPartitioned",
       c.relispartition as "isPart",
       t.relkind = 'm' as "isOfView",
       i.indisunique as "isUnique",
       i.indnullsnotdistinct as "isNullsNotDistinct",
       i.indimmediate as "isImmediate",
       i.indisprimary as "isPrimary",
       i.indisexclusion as "isExclusion",
       i.indisreplident as "isReplicaIdentity",
       i.indisclustered as "isClustered",
       i.indisvalid and i.indisready and i.indislive as "isValid",
       (select k.conname from pg_constraint k
        where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x') limit 1) as constraint,
       exists (select from pg_constraint k
               where k.conindid = i.indexrelid and k.contype = 'f') as "isReferenced",
       (select json_agg(concat_ws(' ',
          i.indkey[p - 1],
          i.indclass[p - 1],
          i.indcollation[p - 1],
          i.indoption[p - 1],
          case when i.indkey[p - 1] = 0 then pg_get_indexdef(i.indexrelid, p, false) end,
          a.attoptions::text) order by p)
        from generate_series(1, i.indnkeyatts) p
        left join pg_attribute a on a.attrelid = i.indexrelid and a.attnum = p) as keys,
       (select json_agg(a.attname order by p)
        from generate_series(1, i.indnkeyatts) p
        left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[p - 1] and a.attnum <> 0)
         as columns,
       (select coalesce(json_agg(a.attname order by p), '[]')
        from generate_series(i.indnkeyatts + 1, i.indnatts) p
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[p - 1]) as included,
       pg_get_expr(i.indpred, i.indrelid) as predicate,
       coalesce((select json_agg(option order by option) from unnest(c.reloptions) option), '[]') as options,
       substr(d.definition, strpos(d.definition, ' USING ') + 7) as definition,
       used.bytes,
       used.scans,
       to_char(used.last_scan at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "lastScan",
       extract(epoch from now() - used.last_scan)::float8 as "secondsSinceScan",
       held.rows,
       held.bytes as "tableBytes",
       held.writes
from pg_index i
join pg_class c on c.oid = i.indexrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_class t on t.oid = i.indrelid
join pg_am am on am.oid = c.relam
cross join lateral (
  -- The text after the names of index and table, which may have USING in them.
  select substr(text, length(head) + 1) as definition
  from (select pg_get_indexdef(i.indexrelid) as text,
               format('CREATE %sINDEX %I ON %s%I.%I', case when i.indisunique then 'UNIQUE ' else '' end,
                      c.relname, case when c.relkind = 'I' then 'ONLY ' else '' end, n.nspname, t.relname) as head) whole) d
cross join lateral (
  select sum(pg_relation_size(part.oid))::float8 as bytes,
         sum(s.idx_scan)::float8 as scans,
         max((to_jsonb(s) ->> 'last_idx_scan')::timestamptz) as last_scan
  from (select c.oid where c.relkind = 'i'
        union all
        select p.relid from pg_partition_tree(c.oid) p where c.relkind = 'I' and p.isleaf) part (oid)
  left join pg_stat_all_indexes s on s.indexrelid = part.oid) used
cross join lateral (
  select sum(greatest(f.reltuples, pg_stat_get_live_tuples(f.oid), 0))::float8 as rows,
         sum(pg_relation_size(f.oid))::float8 as bytes,
         sum(pg_stat_get_tuples_inserted(f.oid) + pg_stat_get_tuples_updated(f.oid)
             - pg_stat_get_tuples_hot_updated(f.oid))::float8 as writes
  from (select t.oid where t.relkind <> 'p'
        union all
        select p.relid from pg_partition_tree(t.oid) p where t.relkind = 'p' and p.isleaf) part (oid)
  join pg_class f on f.oid = part.oid and f.relkind <> 'f') held
where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'pgwright')
  and n.nspname !~ '^pg_(toast_)?temp'
  and t.oid <> all ($6::oid[])
  and ($1::text is null or n.nspname = $1)
  and ($2::oid is null or t.oid = $2)
  and not (n.nspname = $3::text and t.relname::text in ($4::text, $4::text || '_log'))
  and not exists (
    select from pg_depend d
    where d.classid = 'pg_class'::regclass and d.objid = t.oid and d.deptype = 'e')
  and ($5::boolean or $2::oid is not null or not c.relispartition
       -- A leaf's own index is compared with those that came from its parent.
       or exists (select from pg_index own join pg_class oc on oc.oid = own.indexrelid
                  where own.indrelid = t.oid and not oc.relispartition))
order by n.nspname, t.relname, i.indisprimary desc, c.relname
