-- What would go wrong, or fire, when the tables are emptied and filled again?
select 'trigger' as kind, format('%s on %s', t.tgname, t.tgrelid::regclass) as name
from pg_trigger t
join pg_class c on c.oid = t.tgrelid
where t.tgenabled in ('A', 'R') and not t.tgisinternal and c.relnamespace::regnamespace::text !~ '^pg_'
union all
select 'rule', format('%s on %s', r.rulename, r.ev_class::regclass)
from pg_rewrite r
join pg_class c on c.oid = r.ev_class
where r.rulename <> '_RETURN' and r.ev_type <> '1' and c.relkind in ('r', 'p')
union all
select 'prepared transaction', p.gid from pg_prepared_xacts p where p.database = current_database()
union all
select 'subscription', s.subname
from pg_subscription s
where s.subenabled and s.subdbid = (select oid from pg_database where datname = current_database())
