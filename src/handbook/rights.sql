-- Which roles besides the owner hold which rights on tables, views and their columns?
select c.oid as relation, null as column,
  case when e.grantee <> 0 then pg_get_userbyid(e.grantee) end as role,
  e.privilege_type as privilege, bool_or(e.is_grantable) as "isGrantable"
from pg_class c
cross join aclexplode(nullif(c.relacl, '{}')) e
where c.relkind in ('r', 'p', 'f', 'v', 'm') and c.oid >= 16384 and e.grantee <> c.relowner
group by c.oid, e.grantee, e.privilege_type
union all
select c.oid, a.attname,
  case when e.grantee <> 0 then pg_get_userbyid(e.grantee) end,
  e.privilege_type, bool_or(e.is_grantable)
from pg_class c
join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
cross join aclexplode(nullif(a.attacl, '{}')) e
where c.relkind in ('r', 'p', 'f', 'v', 'm') and c.oid >= 16384 and e.grantee <> c.relowner
group by c.oid, a.attnum, a.attname, e.grantee, e.privilege_type
