-- What are the rows of a unique index compared by, and which rows are in it? $1 oid of the index.
select /* pgwright insight */ format('%I.%I', n.nspname, t.relname) as table,
       to_json(array(select pg_get_indexdef(i.indexrelid, p, false)
                     from generate_series(1, i.indnkeyatts) p order by p)) as keys,
       pg_get_expr(i.indpred, i.indrelid) as predicate,
       i.indnullsnotdistinct as "isNullsNotDistinct"
from pg_index i
join pg_class t on t.oid = i.indrelid
join pg_namespace n on n.oid = t.relnamespace
where i.indexrelid = to_regclass($1)
