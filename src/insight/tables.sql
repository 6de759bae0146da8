-- What is known of these tables: sizes, partitions, statistics, policies, indexes? $1 JSON array of [schema, name].
with /* pgwright insight */ wanted as (
  select distinct c.oid, n.nspname, c.relname, c.relkind,
         coalesce((select a.relid from pg_partition_ancestors(c.oid) a
                   where not exists (select from pg_inherits i where i.inhrelid = a.relid)), c.oid) as root
  from json_array_elements($1::text::json) w
  join pg_namespace n on n.nspname = w ->> 0
  join pg_class c on c.relnamespace = n.oid and c.relname = w ->> 1
), locked as materialized (
  -- Functions that measure a relation wait for these.
  select distinct l.relation from pg_locks l
  where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.pid <> pg_backend_pid()
    and l.database = (select oid from pg_database where datname = current_database())
), leaves as (
  select r.root, coalesce(t.relid, r.root) as oid
  from (select distinct root from wanted) r
  left join lateral (select relid from pg_partition_tree(r.root) where isleaf) t on true
), roots as (
  select l.root, count(*)::int as leaves,
         sum(greatest(c.reltuples, 0))::float8 as rows,
         sum(case when k.relation is null then pg_table_size(c.oid) else c.relpages * 8192::bigint end)::float8 as bytes,
         sum(case when k.relation is null then pg_relation_size(c.oid) / 8192 else c.relpages end)::float8 as pages,
         sum(s.n_mod_since_analyze)::float8 as "changedSinceAnalyze",
         to_json(max(greatest(s.last_analyze, s.last_autoanalyze))) #>> '{}' as "analyzedAt",
         bool_or(c.reltuples < 0) as "neverAnalyzed",
         sum(s.n_live_tup)::float8 as "liveRows",
         sum(s.n_tup_ins + s.n_tup_upd - s.n_tup_hot_upd + s.n_tup_del)::float8 as writes
  from leaves l
  join pg_class c on c.oid = l.oid
  left join locked k on k.relation = l.oid
  left join pg_stat_all_tables s on s.relid = l.oid
  group by l.root
)
select w.nspname as schema, w.relname as name, w.relkind::text as kind,
       rn.nspname as "rootSchema", rc.relname as "rootName", w.oid <> w.root as "isLeaf",
       r.leaves, r.rows, r.bytes, r.pages, r."changedSinceAnalyze", r."analyzedAt", r."neverAnalyzed",
       r."liveRows", r.writes,
       pg_get_partkeydef(w.root) as "partitionKey",
       (select json_agg(a.attname order by k.n)
        from pg_partitioned_table p, unnest(p.partattrs::int2[]) with ordinality k(attnum, n)
        join pg_attribute a on a.attnum = k.attnum
        where p.partrelid = w.root and a.attrelid = w.root) as "partitionColumns",
       coalesce((select json_agg(json_build_object(
                   'name', p.polname, 'command', p.polcmd,
                   'using', pg_get_expr(p.polqual, p.polrelid)))
                 from pg_policy p where p.polrelid = w.root and p.polqual is not null), '[]') as policies,
       rc.relrowsecurity as "hasRowSecurity",
       coalesce((select json_agg(json_build_object(
                   'name', ic.relname, 'method', am.amname, 'isValid', i.indisvalid, 'isUnique', i.indisunique,
                   'predicate', pg_get_expr(i.indpred, i.indrelid),
                   'keys', (select json_agg(coalesce(a.attname::text, pg_get_indexdef(i.indexrelid, k.n::int, true)) order by k.n)
                            from unnest(i.indkey::int2[]) with ordinality k(attnum, n)
                            left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
                            where k.n <= i.indnkeyatts)))
                 from pg_index i
                 join pg_class ic on ic.oid = i.indexrelid
                 join pg_am am on am.oid = ic.relam
                 where i.indrelid = w.root), '[]') as indexes,
       coalesce((select json_object_agg(s.attname, json_build_object(
                   'width', s.avg_width, 'distinct', s.n_distinct, 'nulls', s.null_frac))
                 from pg_stats s
                 where s.schemaname = rn.nspname and s.tablename = rc.relname
                   and s.inherited = (rc.relkind = 'p')), '{}') as columns,
       (select json_object_agg(a.attname, format_type(a.atttypid, null))
        from pg_attribute a where a.attrelid = w.root and a.attnum > 0 and not a.attisdropped) as types
from wanted w
join roots r on r.root = w.root
join pg_class rc on rc.oid = w.root
join pg_namespace rn on rn.oid = rc.relnamespace
