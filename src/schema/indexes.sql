-- Which indexes do tables and materialized views have?
-- 'constraint' is set where the index belongs to a primary key, unique or exclusion constraint.
select
  i.indexrelid as oid,
  i.indrelid as relation,
  n.nspname as schema,
  c.relname as name,
  pg_get_indexdef(i.indexrelid) as definition,
  (select k.oid from pg_constraint k
   where k.conindid = i.indexrelid and k.conrelid = i.indrelid and k.contype in ('p', 'u', 'x'))
    as constraint,
  (select h.inhparent from pg_inherits h where h.inhrelid = i.indexrelid) as parent,
  c.relkind = 'I' as "isPartitioned",
  i.indisvalid and i.indisready and i.indislive as "isValid",
  i.indisclustered as "isClustered",
  i.indisreplident as "isReplicaIdentity",
  array_to_json(coalesce(c.reloptions, '{}')) as options,
  (select s.spcname from pg_tablespace s where s.oid = c.reltablespace) as tablespace,
  (select coalesce(json_agg(json_build_array(a.attnum, a.attstattarget) order by a.attnum), '[]')
   from pg_attribute a
   where a.attrelid = i.indexrelid and a.attstattarget >= 0) as "statisticsTargets"
from pg_index i
join pg_class c on c.oid = i.indexrelid
join pg_namespace n on n.oid = c.relnamespace
where i.indrelid >= 16384
  and n.nspname !~ '^pg_'
