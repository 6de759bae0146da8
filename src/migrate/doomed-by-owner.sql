-- What does DROP OWNED BY remove here? $1 roles, as an array of names.
select s.classid::text as class, s.objid::text as oid
from pg_shdepend s
join pg_roles r on r.oid = s.refobjid and r.rolname = any ($1::text[])
where s.refclassid = 'pg_authid'::regclass
  and s.deptype = 'o'
  and s.dbid = (select oid from pg_database where datname = current_database())
