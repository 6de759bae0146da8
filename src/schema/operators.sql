-- Which operators are there? One without a function is only mentioned by another so far.
with named as (
  select p.oid, quote_ident(n.nspname) || '.' || quote_ident(p.proname) as name
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
),
operators as (
  select o.oid, o.oprname, n.nspname,
    'OPERATOR(' || quote_ident(n.nspname) || '.' || o.oprname || ')' as name
  from pg_operator o join pg_namespace n on n.oid = o.oprnamespace
)
select
  o.oid, n.nspname as schema, o.oprname as name, pg_get_userbyid(o.oprowner) as owner,
  case when o.oprleft <> 0 then format_type(o.oprleft, null) end as "leftType",
  case when o.oprright <> 0 then format_type(o.oprright, null) end as "rightType",
  (select name from named where named.oid = o.oprcode) as function,
  (select name from operators c where c.oid = o.oprcom) as commutator,
  (select name from operators c where c.oid = o.oprnegate) as negator,
  (select name from named where named.oid = o.oprrest) as restrict,
  (select name from named where named.oid = o.oprjoin) as join,
  o.oprcanhash as "canHash",
  o.oprcanmerge as "canMerge"
from pg_operator o
join pg_namespace n on n.oid = o.oprnamespace
where n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_operator'::regclass and e.objid = o.oid and e.deptype = 'e'
  )
