-- How volatile is each function, by name, and has it a search_path of its own? Of several with one name, the worst counts.
select coalesce(json_object_agg(name, volatility) filter (where volatility is not null), '{}')::text as functions,
       coalesce(json_object_agg(name, "hasPath") filter (where not "isBuiltIn"), '{}')::text as paths
from (select case when n.nspname in ('public', 'pg_catalog') then '' else n.nspname || '.' end || p.proname as name,
             bool_and(n.nspname = 'pg_catalog') as "isBuiltIn",
             bool_and(exists (select from unnest(p.proconfig) c where c ~* '^search_path=')) as "hasPath",
             case when not bool_or(p.prokind = 'f') then null
                  when bool_or(p.prokind = 'f' and p.provolatile = 'v') then 'volatile'
                  when bool_or(p.prokind = 'f' and p.provolatile = 's') then 'stable' else 'immutable' end as volatility
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where p.prokind in ('f', 'p')
      group by 1) one
