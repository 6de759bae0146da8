-- Which rules do tables and views have, besides the query of a view?
select
  r.oid, r.ev_class as relation, r.rulename as name, r.ev_enabled::text as state,
  pg_get_ruledef(r.oid) as definition
from pg_rewrite r
where r.rulename <> '_RETURN' and r.oid >= 16384
