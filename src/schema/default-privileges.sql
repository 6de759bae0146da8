-- Which privileges will objects have that are created later?
-- Without a schema the list replaces the built-in defaults, in a schema it is added to them.
select
  d.oid, d.defaclrole as "roleOid", pg_get_userbyid(d.defaclrole) as role,
  n.nspname as schema, d.defaclobjtype::text as type,
  array_to_json(array(
    select e.privilege_type
    from aclexplode(acldefault(
      case d.defaclobjtype when 'S' then 's' else d.defaclobjtype end::"char", d.defaclrole)) e
    where e.grantee = d.defaclrole
  )) as everything,
  (select coalesce(json_agg(json_build_object(
      'grantee', case e.grantee when 0 then null else pg_get_userbyid(e.grantee) end,
      'grantor', pg_get_userbyid(e.grantor),
      'isOwners', e.grantee = d.defaclrole,
      'isByOwner', e.grantor = d.defaclrole,
      'privilege', e.privilege_type, 'isGrantable', e.is_grantable)), '[]')
   from aclexplode(nullif(d.defaclacl, '{}')) e) as present,
  (select coalesce(json_agg(json_build_object(
      'grantee', case e.grantee when 0 then null else pg_get_userbyid(e.grantee) end,
      'grantor', pg_get_userbyid(e.grantor),
      'isOwners', e.grantee = d.defaclrole,
      'isByOwner', e.grantor = d.defaclrole,
      'privilege', e.privilege_type, 'isGrantable', e.is_grantable)), '[]')
   from aclexplode(case when d.defaclnamespace = 0 then acldefault(
      case d.defaclobjtype when 'S' then 's' else d.defaclobjtype end::"char", d.defaclrole)
      end) e) as base
from pg_default_acl d
left join pg_namespace n on n.oid = d.defaclnamespace
