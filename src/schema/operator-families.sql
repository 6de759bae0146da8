-- Which operator families are there, and which members do they have beyond their classes'?
select
  f.oid, n.nspname as schema, f.opfname as name, pg_get_userbyid(f.opfowner) as owner,
  m.amname as method,
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
     and d.refclassid = 'pg_opfamily'::regclass and d.refobjid = f.oid
   where o.amopfamily = f.oid) as operators,
  (select coalesce(json_agg(json_build_object(
      'oid', p.oid::int8,
      'number', p.amprocnum,
      'types', json_build_array(
        format_type(p.amproclefttype, null), format_type(p.amprocrighttype, null)),
      'name', p.amproc::regprocedure::text)), '[]')
   from pg_amproc p
   join pg_depend d on d.classid = 'pg_amproc'::regclass and d.objid = p.oid
     and d.refclassid = 'pg_opfamily'::regclass and d.refobjid = f.oid
   where p.amprocfamily = f.oid) as functions
from pg_opfamily f
join pg_namespace n on n.oid = f.opfnamespace
join pg_am m on m.oid = f.opfmethod
where n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and not exists (
    select from pg_depend e
    where e.classid = 'pg_opfamily'::regclass and e.objid = f.oid and e.deptype = 'e'
  )
