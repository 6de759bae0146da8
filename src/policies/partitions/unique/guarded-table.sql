-- What does a table look like whose columns are to be unique across its partitions, and which guards has it?
-- $1 schema, $2 table. A guard is known by its trigger, whose function bears a comment of ours.
select
  c.oid, c.relkind::text as kind, pg_get_userbyid(c.relowner) as owner,
  quote_ident(n.nspname) || '.' || quote_ident(c.relname) as sql,
  (select json_agg(json_build_object(
      'name', a.attname,
      'type', format_type(a.atttypid, a.atttypmod),
      'collation', (select quote_ident(cn.nspname) || '.' || quote_ident(co.collname)
        from pg_collation co join pg_namespace cn on cn.oid = co.collnamespace
        where co.oid = a.attcollation and co.collname <> 'default'),
      'isComposite', exists (
        with recursive base (oid) as (
          select a.atttypid
          union all
          select d.typbasetype from base join pg_type d on d.oid = base.oid where d.typtype = 'd')
        select from base join pg_type d on d.oid = base.oid where d.typtype = 'c'),
      'isText', t.typcategory = 'S') order by a.attnum)
   from pg_attribute a join pg_type t on t.oid = a.atttypid
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
  (select json_agg(a.attname order by k.place)
   from pg_constraint p
   cross join lateral unnest(p.conkey) with ordinality k (number, place)
   join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
   where p.conrelid = c.oid and p.contype = 'p') as "primaryKey",
  (select coalesce(json_agg(json_build_object(
      'trigger', t.tgname, 'isEnabled', t.tgenabled in ('O', 'A'),
      'triggerSql', pg_get_triggerdef(t.oid),
      'schema', fn.nspname, 'function', f.proname, 'body', f.prosrc,
      'isDefiner', f.prosecdef, 'settings', f.proconfig,
      'isExecutable', has_function_privilege('public', f.oid, 'execute'))
      order by t.tgname), '[]')
   from pg_trigger t join pg_proc f on f.oid = t.tgfoid join pg_namespace fn on fn.oid = f.pronamespace
   where t.tgrelid = c.oid and t.tgparentid = 0
     and obj_description(f.oid, 'pg_proc') like 'pgwright globally\_unique: %') as guards,
  (select coalesce(json_agg(distinct case a.grantee when 0 then 'public'
      else quote_ident(pg_get_userbyid(a.grantee)) end), '[]')
   from pg_default_acl d cross join lateral aclexplode(d.defaclacl) a
   where d.defaclobjtype = 'r' and d.defaclnamespace in (0, c.relnamespace)
     and d.defaclrole = c.relowner and a.grantee <> c.relowner) as "defaultGrantees",
  (select coalesce(json_agg(json_build_object('name', g.relname,
      'columns', (select json_agg(ga.attname order by ga.attnum) from pg_attribute ga
        where ga.attrelid = g.oid and ga.attnum > 0 and not ga.attisdropped),
      'keys', (select count(*) from pg_constraint gk
        where gk.conrelid = g.oid and gk.contype in ('p', 'u', 'f') and gk.conparentid = 0),
      'grantees', (select coalesce(json_agg(distinct case ge.grantee when 0 then 'public'
          else quote_ident(pg_get_userbyid(ge.grantee)) end), '[]')
        from aclexplode(nullif(g.relacl, '{}')) ge where ge.grantee <> g.relowner))), '[]')
   from pg_class g where g.relnamespace = c.relnamespace and g.relkind = 'r'
     and (obj_description(g.oid, 'pg_class') like 'pgwright globally\_unique: %')) as "guardTables",
  -- Those of a guard's own indexes are free again once it is made anew.
  (select coalesce(json_agg(o.relname), '[]') from pg_class o where o.relnamespace = c.relnamespace
     and not exists (select from pg_index oi where oi.indexrelid = o.oid
       and obj_description(oi.indrelid, 'pg_class') like 'pgwright globally\_unique: %'))
    as "takenNames"
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p')
