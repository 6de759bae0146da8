-- Can a function called $2 in schema $1 (without one, wherever search_path finds it) delete rows?
-- What is not volatile may not write, and PostgreSQL's own functions delete large objects at most.
-- A function that is not there yet may do anything.
select coalesce(bool_or(p.provolatile = 'v'
                        and (n.nspname <> 'pg_catalog' or p.proname = 'lo_unlink')),
                true) as "mayDelete"
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
where p.proname = $2
  and case $1 when '' then pg_function_is_visible(p.oid) else n.nspname = $1 end
