-- What will these roles ($1, a JSON array), the roles they belong to, or PUBLIC get on objects to come, where no file of
-- policies/ compares it? That is: in schemas other than $2, and everywhere by roles other than $3 (JSON arrays).
with recursive declared as (
  select r.oid from pg_roles r
  where r.rolname in (select json_array_elements_text($1::text::json)) and not r.rolsuper
),
reached (oid) as (
  select oid from declared
  union
  select g.oid
  from reached p
  join pg_auth_members m on m.member = p.oid
    -- What creating a role gives, from 16 on, lends nothing; the connected role has its own ways.
    and m.member <> (select oid from pg_roles where rolname = session_user)
    and ((to_jsonb(m) ->> 'inherit_option') is null or (to_jsonb(m) ->> 'inherit_option')::boolean
      or (to_jsonb(m) ->> 'set_option')::boolean)
  join pg_roles g on g.oid = m.roleid and not g.rolsuper
)
select
  pg_get_userbyid(d.defaclrole) as role, n.nspname::text as schema,
  case d.defaclobjtype when 'r' then 'TABLES' when 'S' then 'SEQUENCES' when 'f' then 'FUNCTIONS'
    when 'T' then 'TYPES' when 'n' then 'SCHEMAS'
    when 'L' then 'LARGE OBJECTS' else d.defaclobjtype::text end as kind,
  case e.grantee when 0 then null else pg_get_userbyid(e.grantee) end as grantee,
  json_agg(e.privilege_type order by e.privilege_type) as privileges
from pg_default_acl d
left join pg_namespace n on n.oid = d.defaclnamespace
cross join lateral aclexplode(nullif(d.defaclacl, '{}')) e
where case when n.oid is null then pg_get_userbyid(d.defaclrole) not in (select json_array_elements_text($3::text::json))
    else n.nspname not in (select json_array_elements_text($2::text::json)) end
  and e.grantee <> d.defaclrole
  and (e.grantee in (select oid from reached) or (e.grantee = 0 and exists (select from declared)))
  -- An entry for all schemas repeats what PUBLIC has anyway.
  and not (n.oid is null and e.grantee = 0 and d.defaclobjtype in ('f', 'T'))
group by 1, 2, 3, 4
order by 1, 2 nulls first, 3, 4 nulls first
