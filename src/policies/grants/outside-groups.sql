-- What do roles that no file declares, and that these roles ($1, a JSON array) belong to, lend to their members?
-- Their attributes, which SET ROLE gives, and the roles that they belong to themselves. $2 is the role that owns what migrations create.
with recursive declared as (
  select r.oid from pg_roles r
  where r.rolname in (select json_array_elements_text($1::text::json)) and not r.rolsuper
),
reached (oid, declared) as (
  select oid, oid from declared
  union
  select m.roleid, p.declared
  from reached p
  join pg_auth_members m on m.member = p.oid
    -- What creating a role gives, from 16 on, lends nothing; the connected role has its own ways.
    and m.member <> (select oid from pg_roles where rolname = session_user)
    and ((to_jsonb(m) ->> 'inherit_option') is null or (to_jsonb(m) ->> 'inherit_option')::boolean
      or (to_jsonb(m) ->> 'set_option')::boolean)
),
strangers as (
  select r.oid, r.rolname, min(pg_get_userbyid(p.declared)::text) as through
  from reached p join pg_roles r on r.oid = p.oid
  -- PostgreSQL's own roles are what their names say.
  where r.oid not in (select oid from declared) and r.rolname !~ '^pg_' and r.rolname <> $2::text
    and r.rolname not in (select json_array_elements_text($1::text::json))
  group by 1, 2
)
select s.rolname::text as role, s.through,
  (select coalesce(json_agg(a.word order by a.number), '[]')
   from (values (1, 'SUPERUSER', r.rolsuper), (2, 'BYPASSRLS', r.rolbypassrls), (3, 'CREATEROLE', r.rolcreaterole),
     (4, 'CREATEDB', r.rolcreatedb), (5, 'REPLICATION', r.rolreplication)) a (number, word, has)
   where a.has) as attributes,
  (select coalesce(json_agg(g.rolname order by g.rolname), '[]')
   from (select distinct g.rolname from pg_auth_members m join pg_roles g on g.oid = m.roleid
     where m.member = s.oid) g) as groups
from strangers s
join pg_roles r on r.oid = s.oid
order by 1
