-- Which operator classes are there, and which members are theirs?
select
  c.oid, n.nspname as schema, c.opcname as name, pg_get_userbyid(c.opcowner) as owner,
  m.amname as method,
  json_build_array(fn.nspname, f.opfname) as family,
  format_type(c.opcintype, null) as type,
  case when c.opckeytype <> 0 then format_type(c.opckeytype, null) end as storage,
  c.opcdefault as "isDefault",
  (select coalesce(json_agg(json_build_object(
      'oid', o.oid::int8,
      'number', o.amopstrategy,
      'types', json_build_array(
        format_type(o.amoplefttype, null), format_type(o.amoprighttype, null)),
      'name', o.amopopr::regoperator::text,
      'sortFamily', (
        select json_build_array(sn.nspname, sf.opfname)
        from pg_opfamily sf join pg_namespace sn on sn.oid = sf.opfnamespace
        where sf.oid = o.amopsortfamily))), '[]')
   from pg_amop o
   join pg_depend d on d.classid = 'pg_amop'::regclass and d.objid = o.oid
     and d.refclassid = 'pg_opclass'::regclass and d.refobjid = c.oid) as operators,
  (select coalesce(json_agg(json_build_object(
      'oid', p.oid::int8,
      'number', p.amprocnum,
      'types', json_build_array(
        format_type(p.amproclefttype, null), format_type(p.amprocrighttype, null)),
      'name', p.amproc::regprocedure::text)), '[]')
   from pg_amproc p
   join pg_depend d on d.classid = 'pg_amproc'::regclass and d.objid = p.oid
     and d.refclassid = 'pg_opclass'::regclass and d.refobjid = c.oid) as functions
from pg_opclass c
join pg_namespace n on n.oid = c.opcnamespace
join pg_am m on m.oid = c.opcmethod
join pg_opfamily f on f.oid = c.opcfamily
join pg_namespace fn on fn.oid = f.opfnamespace
where n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_opclass'::regclass and e.objid = c.oid and e.deptype = 'e'
  )
