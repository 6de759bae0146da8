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
      'role', g.rolname, 'member', u.rolname, 'grantor', o.rolname, 'isByBootstrap', a.grantor = 10,
      'admin', a.admin_option, 'inherit', (to_jsonb(a) ->> 'inherit_option')::boolean,
      'set', (to_jsonb(a) ->> 'set_option')::boolean,
      -- Whoever creates a role is made its administrator by the bootstrap superuser, 16+.
      'isCreatorsOwn', coalesce(a.grantor = 10 and a.admin_option
         and not coalesce((to_jsonb(a) ->> 'inherit_option')::boolean, true)
         and not coalesce((to_jsonb(a) ->> 'set_option')::boolean, true), false))
      order by g.rolname, u.rolname, o.rolname), '[]')
   from pg_auth_members a
   join pg_roles g on g.oid = a.roleid
   join pg_roles u on u.oid = a.member
   left join pg_roles o on o.oid = a.grantor
   -- Everybody in a role that one of these is in: what was passed on goes with it.
   where a.roleid in (select oid from wanted)
     or a.roleid in (select roleid from pg_auth_members where member in (select oid from wanted))
  ) as memberships,
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
