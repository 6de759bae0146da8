-- How are the values of a boolean column spread that has a plain index of its own?
-- Only of columns this role may read, and of tables that ANALYZE has seen: pg_stats has no other.
-- $1 schema or null, $2 oid of the only table or null.
select /* pgwright insight */ i.indexrelid::text as index,
       a.attname as column,
       s.null_frac::float8 as "nullShare",
       coalesce((select v.share from unnest(s.most_common_vals::text::boolean[], s.most_common_freqs) v (value, share)
                 where v.value), 0)::float8 as "trueShare",
       coalesce((select v.share from unnest(s.most_common_vals::text::boolean[], s.most_common_freqs) v (value, share)
                 where not v.value), 0)::float8 as "falseShare"
from pg_index i
join pg_class c on c.oid = i.indexrelid and not c.relispartition
join pg_class t on t.oid = i.indrelid
join pg_namespace n on n.oid = t.relnamespace
join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0] and a.atttypid = 'boolean'::regtype
join pg_stats s on s.schemaname = n.nspname and s.tablename = t.relname and s.attname = a.attname
  and s.inherited = (t.relkind = 'p')
where i.indnatts = 1 and i.indpred is null and not i.indisunique
  and n.nspname not in ('pg_catalog', 'information_schema')
  and ($1::text is null or n.nspname = $1)
  and ($2::oid is null or t.oid = $2)
