-- Which transactions are prepared for over $1 s and were never finished?
select p.gid,
       quote_ident(p.owner) as owner,
       p.database,
       extract(epoch from clock_timestamp() - p.prepared)::float8 as seconds,
       -- Its locks belong to no process; the lock on its own id leads to the others.
       (select count(*)::int
        from pg_locks own
        join pg_locks l on l.virtualtransaction = own.virtualtransaction and l.pid is null
        where own.locktype = 'transactionid' and own.pid is null and own.transactionid = p.transaction
          and l.locktype = 'relation') as tables
from pg_prepared_xacts p
where clock_timestamp() - p.prepared > make_interval(secs => $1::float8)
order by p.prepared
