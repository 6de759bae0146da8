-- Which tables and views does each view with security_invoker read, as whoever asks?
select format('%I.%I', n.nspname, c.relname) as name,
       to_json(array_agg(distinct format('%I.%I', tn.nspname, t.relname))) as relations
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_rewrite w on w.ev_class = c.oid and w.ev_type = '1'
join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
  and d.refclassid = 'pg_class'::regclass and d.refobjid <> c.oid
join pg_class t on t.oid = d.refobjid and t.relkind in ('r', 'p', 'v')
join pg_namespace tn on tn.oid = t.relnamespace
where c.relkind = 'v' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and coalesce((
    select o.option_value::boolean from pg_options_to_table(c.reloptions) o
    where o.option_name = 'security_invoker'), false)
group by 1
order by 1
