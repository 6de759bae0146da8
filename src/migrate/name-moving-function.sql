-- Does a function called $1 set search_path for its caller, or make temporary tables?
-- Which one of that name a call means depends on its arguments: any will do.
select bool_or(p.prosrc ~* '\msearch_path\M') as path,
       bool_or(p.prosrc ~* '\m(temp|temporary)\M|pg_temp') as temporary
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
where p.proname = $1
  and n.nspname <> 'pg_catalog'
  and p.provolatile = 'v'
