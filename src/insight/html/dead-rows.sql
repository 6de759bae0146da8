-- Which tables wait most for vacuum?
select /* pgwright insight */ format('%I.%I', schemaname, relname) as name, n_live_tup::float8 as live, n_dead_tup::float8 as dead,
       to_json(greatest(last_vacuum, last_autovacuum)) #>> '{}' as "vacuumedAt",
       to_json(greatest(last_analyze, last_autoanalyze)) #>> '{}' as "analyzedAt"
from pg_stat_user_tables
where n_dead_tup > 0
order by n_dead_tup desc
limit 10
