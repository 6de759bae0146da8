-- Who uses a table, its row type, its indexes or its constraints, besides what is part of it?
-- $1 oid of the table. `way` says how it can be made to use another table of the same name:
-- view, routine, policy; null where it cannot.
with table_parts (classid, objid) as (
  select 'pg_class'::regclass::oid, $1::oid
  union all select 'pg_type'::regclass, t.oid from pg_class c
    join pg_type t on t.oid = c.reltype or t.typelem = c.reltype and t.typlen = -1
    where c.oid = $1::oid and c.reltype <> 0
  union all select 'pg_class'::regclass, i.indexrelid from pg_index i where i.indrelid = $1::oid
  union all select 'pg_constraint'::regclass, k.oid from pg_constraint k where k.conrelid = $1::oid
),
uses as (
  select distinct d.classid, d.objid, p.classid <> 'pg_class'::regclass or p.objid <> $1::oid
    as "isOfPart"
  from table_parts p
  join pg_depend d on d.refclassid = p.classid and d.refobjid = p.objid
  where not exists (select from table_parts o where o.classid = d.classid and o.objid = d.objid)
),
seen as (
  select u.classid, u.objid, bool_or(u."isOfPart") as "isOfPart" from uses u group by 1, 2
)
select
  case
    when s.classid = 'pg_rewrite'::regclass then v.oid
    else s.objid
  end as oid,
  case
    when s."isOfPart" then null
    when v.relkind = 'v' and r.rulename = '_RETURN' then 'view'
    when s.classid = 'pg_proc'::regclass then 'routine'
    when s.classid = 'pg_policy'::regclass then 'policy'
  end as way,
  case when r.rulename = '_RETURN'
    then format('%s %s', case v.relkind when 'm' then 'materialized view' else 'view' end,
      format('%I.%I', vn.nspname, v.relname))
    else (pg_identify_object(s.classid, s.objid, 0)).type || ' '
      || (pg_identify_object(s.classid, s.objid, 0)).identity
  end as object,
  case when coalesce(v.oid, pc.oid) is not null
    then format('%I.%I', coalesce(vn.nspname, pn.nspname), coalesce(v.relname, pc.relname))
  end as relation,
  p.polname as policy,
  pg_get_userbyid(coalesce(v.relowner, f.proowner, pc.relowner)) as owner
from seen s
left join pg_rewrite r on s.classid = 'pg_rewrite'::regclass and r.oid = s.objid
left join pg_class v on v.oid = r.ev_class
left join pg_namespace vn on vn.oid = v.relnamespace
left join pg_policy p on s.classid = 'pg_policy'::regclass and p.oid = s.objid
left join pg_class pc on pc.oid = p.polrelid
left join pg_namespace pn on pn.oid = pc.relnamespace
left join pg_proc f on s.classid = 'pg_proc'::regclass and f.oid = s.objid
where
  -- What belongs to the table and is looked at by itself.
  not (s.classid = 'pg_rewrite'::regclass and r.ev_class = $1::oid)
  and not (s.classid = 'pg_policy'::regclass and p.polrelid = $1::oid)
  and not (s.classid = 'pg_trigger'::regclass and exists (
    select from pg_trigger t where t.oid = s.objid
      and ($1::oid in (t.tgrelid, t.tgconstrrelid) or t.tgisinternal)))
  and not (s.classid = 'pg_attrdef'::regclass and exists (
    select from pg_attrdef a where a.oid = s.objid and a.adrelid = $1::oid))
  and not (s.classid = 'pg_class'::regclass and exists (
    select from pg_class c where c.oid = s.objid
      and (c.relkind in ('S', 't', 'i', 'I')
        or exists (select from pg_inherits i where i.inhparent = $1::oid and i.inhrelid = c.oid))))
  and not (s.classid = 'pg_statistic_ext'::regclass and exists (
    select from pg_statistic_ext x where x.oid = s.objid and x.stxrelid = $1::oid))
  and not (s.classid = 'pg_constraint'::regclass and exists (
    select from pg_constraint k where k.oid = s.objid and k.confrelid = $1::oid))
  and s.classid not in ('pg_publication_rel'::regclass, 'pg_subscription'::regclass)
order by object
