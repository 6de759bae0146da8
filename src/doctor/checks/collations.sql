-- For which sort orders does the operating system or ICU have another version than the indexes were built with?
with changed as (
  select 'database' as kind, d.datname as database, null::oid as oid, quote_ident(d.datname) as name,
         d.datcollversion as recorded, pg_database_collation_actual_version(d.oid) as actual
  from pg_database d
  where d.datcollversion is not null and d.datallowconn
  union all
  select 'collation', current_database(), c.oid, format('%I.%I', n.nspname, c.collname),
         c.collversion, pg_collation_actual_version(c.oid)
  from pg_collation c
  join pg_namespace n on n.oid = c.collnamespace
  where c.collversion is not null
    -- Unused ones of initdb harm nobody: there are hundreds.
    and exists (
      select from pg_depend d
      where d.refclassid = 'pg_collation'::regclass and d.refobjid = c.oid)
)
select kind, database, name, recorded, actual,
       case when database = current_database() then (
         select coalesce(json_agg(distinct format('%I.%I', n.nspname, c.relname)), '[]'::json)
         from pg_index i
         join pg_class c on c.oid = i.indexrelid and c.relkind = 'i'
         join pg_namespace n on n.oid = c.relnamespace
         cross join unnest(i.indcollation) as k (oid)
         join pg_collation kc on kc.oid = k.oid
         where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
           and (k.oid = changed.oid
                or (changed.oid is null and kc.collprovider = 'd'))) end as indexes
from changed
where actual is not null and actual <> recorded
order by kind desc, database <> current_database(), name
