-- What do these roles ($1, a JSON array of names) look like, with their members, groups and settings?
with wanted as (
  select r.oid, r.rolname
  from pg_roles r
  where r.rolname in (select json_array_elements_text($1::text::json))
)
select
  (select coalesce(json_agg(json_build_object(
      'name', r.rolname, 'superuser', r.rolsuper, 'inherit', r.rolinherit,
      'createrole', r.rolcreaterole, 'createdb', r.rolcreatedb, 'login', r.rolcanlogin,
      'replication', r.rolreplication, 'bypassrls', r.rolbypassrls,
      'connectionLimit', r.rolconnlimit,
      'comment', shobj_description(r.oid, 'pg_authid'))), '[]')
   from pg_roles r join wanted using (oid)) as roles,
  -- inherit_option and set_option came with 16: read through JSON, so that 15 parses this too.
  (select coalesce(json_agg(json_build_object(
      'role', m.role, 'member', m.member, 'admin', m.admin, 'inherit', m.inherit, 'set', m.set,
      'isCreatorsOwn', m.by_creation)), '[]')
   from (
     select g.rolname as role, u.rolname as member, bool_or(a.admin_option) as admin,
       bool_or((to_jsonb(a) ->> 'inherit_option')::boolean) as inherit,
       bool_or((to_jsonb(a) ->> 'set_option')::boolean) as set,
       -- Whoever creates a role is made its administrator by the bootstrap superuser, 16+.
       bool_and(coalesce(a.grantor = 10 and a.admin_option
         and not coalesce((to_jsonb(a) ->> 'inherit_option')::boolean, true)
         and not coalesce((to_jsonb(a) ->> 'set_option')::boolean, true), false)) as by_creation
     from pg_auth_members a
     join pg_roles g on g.oid = a.roleid
     join pg_roles u on u.oid = a.member
     where a.roleid in (select oid from wanted) or a.member in (select oid from wanted)
     group by g.rolname, u.rolname
   ) m) as memberships,
  (select coalesce(json_agg(json_build_object(
      'role', r.rolname, 'isInDatabase', s.setdatabase <> 0,
      'name', split_part(c, '=', 1), 'value', substr(c, strpos(c, '=') + 1))), '[]')
   from pg_db_role_setting s
   left join wanted r on r.oid = s.setrole
   cross join unnest(s.setconfig) c
   where (s.setrole = 0 or r.oid is not null)
     and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
  ) as settings,
  (select coalesce(json_agg(json_build_object(
      'name', p.parname, 'grantee', case e.grantee when 0 then null else pg_get_userbyid(e.grantee) end,
      'privilege', e.privilege_type)), '[]')
   from pg_parameter_acl p
   cross join aclexplode(nullif(p.paracl, '{}')) e
   where e.grantee = 0 or e.grantee in (select oid from wanted)) as parameters,
  (select json_build_object(
      'isSuperuser', rolsuper, 'createrole', rolcreaterole, 'name', rolname)
   from pg_roles where rolname = session_user) as me
