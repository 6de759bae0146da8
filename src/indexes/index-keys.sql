-- What are the rows of a unique index compared by, and which rows are in it? $1 oid of the index.
select /* pgwright insight */ format('%I.%I', n.nspname, t.relname) as table,
       (select json_agg(json_build_object(
           -- The index's collation decides what is equal; it is written where the column has another.
           'sql', pg_get_indexdef(i.indexrelid, p, false)
                  || case when a.attcollation is distinct from l.oid then coalesce(' COLLATE ' || quote_ident(ln.nspname) || '.' || quote_ident(l.collname), '') else '' end,
           'isComposite', exists (
             with recursive base (oid) as (
               select k.atttypid
               union all
               select d.typbasetype from base join pg_type d on d.oid = base.oid where d.typtype = 'd')
             select from base join pg_type d on d.oid = base.oid where d.typtype = 'c')) order by p)
        from generate_series(1, i.indnkeyatts) p
        join pg_attribute k on k.attrelid = i.indexrelid and k.attnum = p
        left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[p - 1] and a.attnum <> 0
        left join pg_collation l on l.oid = i.indcollation[p - 1] and (a.attnum is not null or not l.collisdeterministic)
        left join pg_namespace ln on ln.oid = l.collnamespace) as keys,
       pg_get_expr(i.indpred, i.indrelid) as predicate,
       i.indnullsnotdistinct as "isNullsNotDistinct"
from pg_index i
join pg_class t on t.oid = i.indrelid
join pg_namespace n on n.oid = t.relnamespace
where i.indexrelid = to_regclass($1)
