-- Which rights do objects get that these roles ($1, a JSON array) create later, or anybody in these schemas ($2)?
-- Without a schema the list replaces the built-in one, in a schema it is added to it.
select
  pg_get_userbyid(d.defaclrole) as role,
  n.nspname as schema,
  case d.defaclobjtype when 'r' then 'TABLES' when 'S' then 'SEQUENCES' when 'f' then 'FUNCTIONS'
    when 'T' then 'TYPES' when 'n' then 'SCHEMAS'
    when 'L' then 'LARGE OBJECTS' else d.defaclobjtype::text end as kind,
  (select coalesce(json_agg(json_build_object(
      'grantee', case e.grantee when 0 then null else pg_get_userbyid(e.grantee) end,
      'grantor', pg_get_userbyid(e.grantor),
      'privilege', e.privilege_type, 'isGrantable', e.is_grantable)), '[]')
   from aclexplode(nullif(d.defaclacl, '{}')) e where e.grantee <> d.defaclrole) as present
from pg_default_acl d
left join pg_namespace n on n.oid = d.defaclnamespace
where pg_get_userbyid(d.defaclrole) in (select json_array_elements_text($1::text::json))
  or n.nspname in (select json_array_elements_text($2::text::json))
