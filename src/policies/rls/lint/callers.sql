-- Which sets of the roles that policies are for does anybody act as?
select distinct json_agg(quote_ident(m.rolname) order by m.rolname)::text as roles
from pg_roles r
join (select distinct role.oid, role.rolname
      from pg_policy p cross join unnest(p.polroles) m join pg_roles role on role.oid = m) m
  on pg_has_role(r.oid, m.oid, 'USAGE')
where not r.rolsuper and not r.rolbypassrls and r.rolname !~ '^pg_'
group by r.oid
