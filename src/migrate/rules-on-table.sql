-- Which rules fire when this ($2: 2 UPDATE, 3 INSERT, 4 DELETE) is done to the table or view $1?
-- Those of SELECT make views; disabled ones, and ones that fire only for replication, do not fire here.
select r.rulename as name, pg_get_ruledef(r.oid) as definition
from pg_rewrite r
where r.ev_class = $1::regclass
  and r.ev_type = $2
  and r.ev_enabled in ('O', 'A')
order by r.rulename
