-- Which columns do tables and views have, of which types once domains are taken away, and who gives their values?
-- $1, $2: the ledger, which is left out with its log.
with recursive plain as (
  select t.oid, t.oid as base, false as "isNotNull", false as "hasDefault", 0 as dimensions, 0 as depth
  from pg_type t where t.typtype <> 'd'
  union all
  select d.oid, p.base, p."isNotNull" or d.typnotnull, p."hasDefault" or d.typdefault is not null,
    greatest(p.dimensions, d.typndims), p.depth + 1
  from pg_type d join plain p on p.oid = d.typbasetype
  where d.typtype = 'd'
)
select
  n.nspname as schema, c.relname as table, c.relkind::text as kind,
  obj_description(c.oid, 'pg_class') as "tableComment",
  a.attname as name,
  col_description(c.oid, a.attnum) as comment,
  format_type(a.atttypid, a.atttypmod) as type,
  bn.nspname as "baseSchema", b.typname as base, b.typtype::text as "baseKind",
  -- Of an array: what it holds. oidvector and int2vector have elements and are sent as one text.
  en.nspname as "elementSchema", e.typname as element, e.typtype::text as "elementKind",
  ed.typtype = 'd' as "isElementDomain",
  -- As they were declared, which PostgreSQL notes and holds nobody to; a column without a note has 0.
  greatest(a.attndims, p.dimensions, 1) as dimensions,
  a.attnotnull or p."isNotNull" as "isNotNull",
  d.oid is not null or p."hasDefault" as "hasDefault",
  a.attgenerated <> '' as "isGenerated",
  a.attidentity::text as identity
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join plain p on p.oid = a.atttypid
join pg_type b on b.oid = p.base
join pg_namespace bn on bn.oid = b.typnamespace
left join pg_type ed on ed.oid = b.typelem and ed.typarray = b.oid
left join plain ep on ep.oid = ed.oid
left join pg_type e on e.oid = ep.base
left join pg_namespace en on en.oid = e.typnamespace
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relkind in ('r', 'p', 'f', 'v', 'm') and not c.relispartition
  and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'pgwright')
  and not (n.nspname = $1::text and c.relname in ($2::text, $2::text || '_log'))
  and not exists (
    select from pg_depend x
    where x.classid = 'pg_class'::regclass and x.objid = c.oid and x.deptype = 'e')
order by n.nspname collate "C", c.relname collate "C", a.attnum
