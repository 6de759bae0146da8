-- Which logical subscriptions of this database are off, without a worker, or have failed?
select quote_ident(s.subname) as name,
       s.subenabled as "isEnabled",
       exists (select from pg_stat_subscription w where w.subid = s.oid and w.pid is not null) as "isRunning",
       coalesce(e.apply_error_count + e.sync_error_count, 0)::float8 as errors
from pg_subscription s
left join pg_stat_subscription_stats e on e.subid = s.oid
where s.subdbid = (select oid from pg_database where datname = current_database())
  and not pg_is_in_recovery()
  and (not s.subenabled
       or coalesce(e.apply_error_count + e.sync_error_count, 0) > 0
       or not exists (select from pg_stat_subscription w where w.subid = s.oid and w.pid is not null))
order by s.subname
