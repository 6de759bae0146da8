-- Which large objects do these roles ($1, a JSON array), the roles they belong to, or PUBLIC own or have rights on?
-- Objects of the roles $2 (a JSON array: the owner of what migrations create, the connected role) are theirs by right.
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
),
held (oid, grantee, privilege, is_owner) as (
  select l.oid, e.grantee, e.privilege_type, false
  from pg_largeobject_metadata l
  cross join lateral aclexplode(nullif(l.lomacl, '{}')) e
  where l.lomacl is not null and e.grantee <> l.lomowner
    and (e.grantee in (select oid from reached) or (e.grantee = 0 and exists (select from declared)))
  union all
  select l.oid, l.lomowner, null, true
  from pg_largeobject_metadata l
  join reached p on p.oid = l.lomowner
  where pg_get_userbyid(l.lomowner) not in (select json_array_elements_text($2::text::json))
)
select
  case h.grantee when 0 then null else pg_get_userbyid(h.grantee) end as grantee,
  h.is_owner as "isOwner",
  count(distinct h.oid)::float8 as count,
  json_agg(distinct h.privilege) as privileges,
  to_json((array_agg(distinct h.oid::int8 order by h.oid::int8))[1:5]) as first
from held h
group by h.grantee, h.is_owner
order by 1 nulls first, 2
