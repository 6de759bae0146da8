-- Which plain views use column $2 of relation $1, directly or through other views, and how are they made again?
-- "obstacle" says why one of them cannot be, and with it none of what it stands on.
with recursive users as (
  select distinct r.ev_class as oid, 1 as depth
  from pg_depend d
  join pg_rewrite r on r.oid = d.objid
  join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
  where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass
    and d.refobjid = to_regclass($1::text) and a.attname = $2::text and r.ev_class <> d.refobjid
  union
  select r.ev_class, u.depth + 1
  from users u
  join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = u.oid
    and d.classid = 'pg_rewrite'::regclass
  join pg_rewrite r on r.oid = d.objid and r.ev_class <> u.oid
),
views as (
  select c.oid, max(u.depth) as depth, c.relkind, c.relowner, c.relacl, c.reloptions, c.relnamespace,
    format('%I.%I', n.nspname, c.relname) as name
  from users u
  join pg_class c on c.oid = u.oid
  join pg_namespace n on n.oid = c.relnamespace
  group by c.oid, n.nspname
)
select v.name, v.depth,
  case
    when v.relkind = 'm' then 'it is a materialized view'
    when v.relkind <> 'v' then 'it is no plain view'
    when exists (select from pg_trigger t where t.tgrelid = v.oid) then 'it has triggers'
    when exists (select from pg_rewrite r where r.ev_class = v.oid and r.rulename <> '_RETURN') then 'it has rules'
    when exists (select from pg_attrdef f where f.adrelid = v.oid) then 'its columns have defaults'
  end as obstacle,
  pg_get_userbyid(v.relowner) as owner,
  pg_get_viewdef(v.oid) as definition,
  array_to_json(coalesce(v.reloptions, '{}')) as options,
  (select coalesce(json_agg(distinct case e.grantee when 0 then null else pg_get_userbyid(e.grantee) end), '[]')
   from pg_default_acl d cross join aclexplode(nullif(d.defaclacl, '{}')) e
   where d.defaclrole = v.relowner and d.defaclobjtype = 'r'
     and d.defaclnamespace in (0, v.relnamespace) and e.grantee <> v.relowner) as "defaultGrantees",
  (select coalesce(json_agg(json_build_object(
      'grantee', case e.grantee when 0 then null else pg_get_userbyid(e.grantee) end,
      'privilege', e.privilege_type, 'isGrantable', e.is_grantable, 'column', e.attname)), '[]')
   from (
     select x.*, null::name as attname from aclexplode(nullif(v.relacl, '{}')) x
     union all
     select x.*, a.attname from pg_attribute a cross join aclexplode(nullif(a.attacl, '{}')) x
     where a.attrelid = v.oid and not a.attisdropped
   ) e where e.grantee <> v.relowner) as grants,
  (select coalesce(json_agg(json_build_object('column', a.attname, 'text', d.description) order by d.objsubid), '[]')
   from pg_description d
   left join pg_attribute a on a.attrelid = v.oid and a.attnum = d.objsubid and d.objsubid > 0
   where d.classoid = 'pg_class'::regclass and d.objoid = v.oid) as comments
from views v
order by v.depth desc, v.name
