-- Which tables, and which columns of other tables, go when these objects are dropped with CASCADE?
-- $1 catalogs and $2 oids of the objects, as arrays of the same length.
with recursive doomed (classid, objid, objsubid) as (
  select root.classid, root.objid, 0
  from unnest($1::oid[], $2::oid[]) as root (classid, objid)
  union
  select d.classid, d.objid, d.objsubid
  from doomed
  join pg_depend d on d.refclassid = doomed.classid
                  and d.refobjid = doomed.objid
                  and (doomed.objsubid = 0 or d.refobjsubid = doomed.objsubid)
  where (d.classid, d.objid) <> (doomed.classid, doomed.objid)
)
select n.nspname as schema, c.relname as table, a.attname as column, c.relkind::text as kind
from doomed d
join pg_class c on d.classid = 'pg_class'::regclass and c.oid = d.objid and c.relkind in ('r', 'p')
join pg_namespace n on n.oid = c.relnamespace
left join pg_attribute a on d.objsubid > 0 and a.attrelid = c.oid and a.attnum = d.objsubid
where case when d.objsubid = 0
        -- The rows of a partition or child are counted with its parent's.
        then not exists (
          select from pg_inherits i
          join doomed p on p.classid = d.classid and p.objid = i.inhparent and p.objsubid = 0
          where i.inhrelid = c.oid)
        -- A generated column holds nothing of its own.
        else a.attgenerated = '' and not a.attisdropped and not c.relispartition
         and not exists (
           select from doomed t
           where t.classid = d.classid and t.objid = d.objid and t.objsubid = 0)
      end
  -- What an extension brought along comes back with it.
  and not exists (
    select from pg_depend e
    where e.classid = d.classid and e.objid = c.oid and e.deptype = 'e')
order by 1, 2, a.attnum
