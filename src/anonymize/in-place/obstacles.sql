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
union all
-- VACUUM FULL keeps what it could still see.
select 'session', format('%s (%s)', a.pid, coalesce(nullif(a.application_name, ''), a.backend_type))
from pg_stat_activity a
where a.datname = current_database() and a.pid <> pg_backend_pid() and a.backend_type = 'client backend'
  and (a.backend_xmin is not null or a.backend_xid is not null)
union all
select 'replication slot', s.slot_name::text from pg_replication_slots s where s.xmin is not null
union all
-- `rollback --keep-data` keeps there what no rule knows.
select 'kept data', c.oid::regclass::text
from pg_class c
where c.relnamespace = to_regnamespace('pgwright') and c.relkind = 'r' and c.relname ~ '^kept_[0-9]+$'
