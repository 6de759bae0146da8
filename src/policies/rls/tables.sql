-- Which tables of these schemas ($1, a JSON array) or with row level security are there, with their policies?
select
  c.oid::int8::text as oid,
  n.nspname as schema,
  c.relname as name,
  pg_get_userbyid(c.relowner) as owner,
  c.relrowsecurity as "isEnabled",
  c.relforcerowsecurity as "isForced",
  c.relispartition as "isLeaf",
  c.relkind in ('r', 'p') as "isTable",
  coalesce(pg_partition_root(c.oid), c.oid)::int8::text as root,
  (select coalesce(json_agg(json_build_object(
      'name', p.polname,
      'isPermissive', p.polpermissive,
      'command', case p.polcmd when 'r' then 'SELECT' when 'a' then 'INSERT' when 'w' then 'UPDATE'
                               when 'd' then 'DELETE' else 'ALL' end,
      'roles', (select coalesce(json_agg(pg_get_userbyid(r) order by pg_get_userbyid(r)), '[]')
                from unnest(p.polroles) r where r <> 0),
      'using', pg_get_expr(p.polqual, p.polrelid),
      'check', pg_get_expr(p.polwithcheck, p.polrelid)) order by p.polname), '[]')
   from pg_policy p where p.polrelid = c.oid) as policies
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where n.nspname in (select json_array_elements_text($1::text::json))
  and c.relkind in ('r', 'p', 'v', 'm', 'f')
  and not exists (
    select from pg_depend d
    where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by n.nspname, c.relname
