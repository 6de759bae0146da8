/** The functions of a server that one calls by name, each with whether it is volatile in any of its forms. */
export const listBuiltIn = `
select p.proname as name, bool_or(p.provolatile = 'v') as "isVolatile"
from pg_proc p
where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'f' and not p.proretset
  and p.prorettype not in (select oid from pg_type where typtype = 'p' and typname in ('internal', 'cstring', 'trigger', 'event_trigger') or typname ~ '_handler$')
  and not p.proargtypes::oid[] && array['internal'::regtype, 'cstring'::regtype]::oid[]
  -- What operators, aggregates, types and indexes are made of.
  and coalesce(obj_description(p.oid, 'pg_proc'), '') !~ '^implementation of '
  and not exists (select from pg_aggregate a where p.oid in (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn))
  and not exists (select from pg_type t where p.oid in (t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin, t.typmodout))
  and not exists (select from pg_amproc a where a.amproc = p.oid)
group by 1`;
