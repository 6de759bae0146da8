-- What depends on what, among everything that was not made by initdb?
-- `sub` and `onSub` are numbers of columns, 0 for the whole.
-- Objects below oid 16384 come from initdb; kind 'e' says that an object belongs to an extension.
select distinct
  d.classid as class,
  d.objid as object,
  d.objsubid as sub,
  d.refclassid as "onClass",
  d.refobjid as "onObject",
  d.refobjsubid as "onSub",
  d.deptype::text as kind
from pg_depend d
where d.objid >= 16384
  and (d.refobjid >= 16384 or d.deptype in ('e', 'x'))
  and (d.classid, d.objid) is distinct from (d.refclassid, d.refobjid)
