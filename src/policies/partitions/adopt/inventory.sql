-- What belongs to a table or reads it: each thing by name, with a hash of its definition?
-- $1 its oid. A name is the same on every server; a definition may be printed in other words.
select 'column ' || quote_ident(a.attname) as thing,
  format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || a.attidentity::text
    || a.attgenerated::text || coalesce(pg_get_expr(d.adbin, d.adrelid), '') as definition
from pg_attribute a
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = $1::oid and a.attnum > 0 and not a.attisdropped
union all
select 'index ' || quote_ident(c.relname), pg_get_indexdef(c.oid)
from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = $1::oid
union all
select case when k.conrelid = $1::oid then 'constraint ' || quote_ident(k.conname)
    else format('foreign key %s of %s', quote_ident(k.conname), k.conrelid::regclass) end,
  pg_get_constraintdef(k.oid)
from pg_constraint k
where $1::oid in (k.conrelid, k.confrelid) and k.contype in ('c', 'p', 'u', 'x', 'f')
  and k.conparentid = 0
union all
select 'trigger ' || quote_ident(t.tgname), t.tgenabled::text || pg_get_triggerdef(t.oid)
from pg_trigger t where t.tgrelid = $1::oid and not t.tgisinternal
union all
select 'policy ' || quote_ident(p.polname), concat_ws(' ', p.polcmd::text, p.polpermissive,
  (select string_agg(case m when 0 then 'public' else pg_get_userbyid(m) end, ',' order by 1)
   from unnest(p.polroles) m),
  pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
from pg_policy p where p.polrelid = $1::oid
union all
select 'rule ' || quote_ident(r.rulename), '' from pg_rewrite r where r.ev_class = $1::oid
union all
select format('statistics %I.%I', n.nspname, s.stxname), pg_get_statisticsobjdef(s.oid)
from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace where s.stxrelid = $1::oid
union all
-- MAINTAIN came with PostgreSQL 17, and what the owner has goes without saying.
select format('%s%s granted to %s', e.privilege_type, ' (' || a.attname || ')',
    case e.grantee when 0 then 'PUBLIC' else pg_get_userbyid(e.grantee) end),
  e.is_grantable::text
from pg_class c
cross join lateral (
  select null::name as attname, c.relacl as acl
  union all
  select t.attname, t.attacl from pg_attribute t where t.attrelid = c.oid and not t.attisdropped
) a
cross join lateral aclexplode(nullif(a.acl, '{}')) e
where c.oid = $1::oid and e.grantee <> c.relowner and e.privilege_type <> 'MAINTAIN'
union all
select case when c.relrowsecurity then 'row level security' else 'no row level security' end,
  c.relforcerowsecurity::text
from pg_class c where c.oid = $1::oid
union all
select distinct format('%s %s', i.type, i.identity), case when v.oid is not null
    then pg_get_viewdef(v.oid) else '' end
from pg_depend d
left join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
left join pg_class v on v.oid = r.ev_class
cross join lateral pg_identify_object(
  case when v.oid is null then d.classid else 'pg_class'::regclass end,
  coalesce(v.oid, d.objid), 0) i
where d.refclassid = 'pg_class'::regclass and d.refobjid = $1::oid
  and d.classid in ('pg_rewrite'::regclass, 'pg_proc'::regclass, 'pg_policy'::regclass)
