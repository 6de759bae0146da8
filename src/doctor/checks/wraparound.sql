-- How near is each database to running out of transaction ids, and which tables here are the oldest?
select d.datname as database,
       age(d.datfrozenxid)::float8 as "xidAge",
       mxid_age(d.datminmxid)::float8 as "multixactAge",
       d.datname = current_database() as "isThis",
       case when d.datname = current_database() then (
         select coalesce(json_agg(t order by t.xid desc), '[]'::json)
         from (
           select case when n.nspname = 'pg_toast' then
                    (select format('%I.%I', pn.nspname, p.relname) from pg_class p
                     join pg_namespace pn on pn.oid = p.relnamespace where p.reltoastrelid = c.oid)
                  else format('%I.%I', n.nspname, c.relname) end as name,
                  age(c.relfrozenxid) as xid,
                  mxid_age(c.relminmxid) as multixact
           from pg_class c
           join pg_namespace n on n.oid = c.relnamespace
           where c.relkind in ('r', 'm', 't') and c.relfrozenxid <> '0'
           order by greatest(age(c.relfrozenxid), mxid_age(c.relminmxid)) desc
           limit 5) t) end as tables
from pg_database d
order by age(d.datfrozenxid) desc
