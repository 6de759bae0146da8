-- Which aggregates are there, with which functions behind them?
-- regproc is not enough to name a function in DDL: it may be printed as "-".
with named as (
  select p.oid,
    quote_ident(n.nspname) || '.' || quote_ident(p.proname) as name
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
)
select
  p.oid, n.nspname as schema, p.proname as name, pg_get_userbyid(p.proowner) as owner,
  pg_get_function_identity_arguments(p.oid) as arguments,
  pg_get_function_arguments(p.oid) as "fullArguments",
  oidvectortypes(p.proargtypes) as types,
  a.aggkind::text as kind,
  p.proparallel::text as parallel,
  (select name from named where named.oid = a.aggtransfn) as sfunc,
  format_type(a.aggtranstype, null) as stype,
  a.aggtransspace as sspace,
  (select name from named where named.oid = a.aggfinalfn) as finalfunc,
  a.aggfinalextra as "finalfuncExtra",
  a.aggfinalmodify::text as "finalfuncModify",
  (select name from named where named.oid = a.aggcombinefn) as combinefunc,
  (select name from named where named.oid = a.aggserialfn) as serialfunc,
  (select name from named where named.oid = a.aggdeserialfn) as deserialfunc,
  a.agginitval as initcond,
  (select name from named where named.oid = a.aggmtransfn) as msfunc,
  (select name from named where named.oid = a.aggminvtransfn) as minvfunc,
  case when a.aggmtranstype <> 0 then format_type(a.aggmtranstype, null) end as mstype,
  a.aggmtransspace as msspace,
  (select name from named where named.oid = a.aggmfinalfn) as mfinalfunc,
  a.aggmfinalextra as "mfinalfuncExtra",
  a.aggmfinalmodify::text as "mfinalfuncModify",
  a.aggminitval as minitcond,
  (select 'OPERATOR(' || quote_ident(opn.nspname) || '.' || o.oprname || ')'
   from pg_operator o join pg_namespace opn on opn.oid = o.oprnamespace
   where o.oid = a.aggsortop) as sortop
from pg_aggregate a
join pg_proc p on p.oid = a.aggfnoid
join pg_namespace n on n.oid = p.pronamespace
where n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e'
  )
