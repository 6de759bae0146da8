-- Which tables have over $1 dead rows and $2 times what autovacuum should start at, or no autovacuum at all?
with options as (
  select c.oid, o.option_name, o.option_value
  from pg_class c
  cross join pg_options_to_table(c.reloptions) o
  where c.relkind in ('r', 'm')
), tables as (
  select format('%I.%I', s.schemaname, s.relname) as name,
         s.n_dead_tup::float8 as dead,
         s.n_live_tup::float8 as live,
         extract(epoch from clock_timestamp() - greatest(s.last_autovacuum, s.last_vacuum))::float8 as "vacuumedSeconds",
         coalesce((select o.option_value::boolean from options o
                   where o.oid = c.oid and o.option_name = 'autovacuum_enabled'), true) as "isVacuumed",
         least(
           coalesce((select o.option_value::float8 from options o
                     where o.oid = c.oid and o.option_name = 'autovacuum_vacuum_threshold'),
                    current_setting('autovacuum_vacuum_threshold')::float8)
           + coalesce((select o.option_value::float8 from options o
                       where o.oid = c.oid and o.option_name = 'autovacuum_vacuum_scale_factor'),
                      current_setting('autovacuum_vacuum_scale_factor')::float8) * greatest(c.reltuples, 0),
           -- 18 and later; -1 is none.
           nullif(coalesce((select o.option_value from options o
                            where o.oid = c.oid and o.option_name = 'autovacuum_vacuum_max_threshold'),
                           current_setting('autovacuum_vacuum_max_threshold', true)), '-1')::float8) as trigger
  from pg_stat_user_tables s
  join pg_class c on c.oid = s.relid
  where s.schemaname !~ '^pg_'
)
select * from tables
where not "isVacuumed" or (dead >= $1::float8 and dead >= $2::float8 * trigger)
order by dead desc
limit 20
