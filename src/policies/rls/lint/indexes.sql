-- Which indexes of tables with row security does no leakproof operator use, and which hold expressions?
select i.indrelid::text as "tableOid",
       format('%I.%I', n.nspname, x.relname) as name,
       am.amname as method,
       case when i.indkey[0] = 0 then pg_get_indexdef(i.indexrelid, 1, false) end as expression,
       coalesce(quote_ident(a.attname), pg_get_indexdef(i.indexrelid, 1, false)) as "column",
       coalesce((select bool_or(p.proleakproof)
                 from pg_opclass o
                 join pg_amop ao on ao.amopfamily = o.opcfamily and ao.amoplefttype = o.opcintype
                   and ao.amoppurpose = 's'
                 join pg_operator op on op.oid = ao.amopopr
                 join pg_proc p on p.oid = op.oprcode
                 where o.oid = i.indclass[0]), false) as "hasLeakproofOperator"
from pg_index i
join pg_class t on t.oid = i.indrelid and t.relrowsecurity and not t.relispartition
join pg_class x on x.oid = i.indexrelid
join pg_namespace n on n.oid = x.relnamespace
join pg_am am on am.oid = x.relam
left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0] and i.indkey[0] > 0
where not i.indisunique
  and n.nspname !~ '^pg_'
order by 2
