-- Which row security policies do tables have?
select
  p.oid, p.polrelid as relation, p.polname as name,
  p.polpermissive as "isPermissive",
  p.polcmd::text as command,
  array_to_json(array(
    select pg_get_userbyid(r) from unnest(p.polroles) r where r <> 0
  )) as roles,
  pg_get_expr(p.polqual, p.polrelid) as using,
  pg_get_expr(p.polwithcheck, p.polrelid) as "check"
from pg_policy p
where p.oid >= 16384
