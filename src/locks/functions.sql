-- How volatile is each function, by name? Of several with one name, the most volatile counts.
select coalesce(json_object_agg(name, volatility), '{}')::text as functions
from (select case when n.nspname in ('public', 'pg_catalog') then '' else n.nspname || '.' end || p.proname as name,
             case when bool_or(p.provolatile = 'v') then 'volatile'
                  when bool_or(p.provolatile = 's') then 'stable' else 'immutable' end as volatility
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where p.prokind = 'f'
      group by 1) one
