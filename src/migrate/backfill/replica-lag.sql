-- How far behind is the slowest standby, in milliseconds? Without pg_monitor, its figures are hidden.
select
  (extract(epoch from max(replay_lag)) * 1000)::float8 as "lagMs",
  (array_agg(coalesce(nullif(application_name, ''), client_addr::text, 'a standby') order by replay_lag desc nulls last))[1] as standby,
  count(*) filter (where state is null)::int as hidden,
  quote_ident(current_user) as role
from pg_stat_replication
