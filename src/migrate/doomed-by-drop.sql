-- Which tables, and which columns of other tables, go when these objects are dropped with CASCADE?
-- $1 catalogs and $2 oids of the objects, as arrays of the same length.
-- Where an attribute of a composite type goes, every column with that type in it loses a part of its values.
with recursive doomed (classid, objid, objsubid, is_part) as (
  select root.classid, root.objid, 0, false
  from unnest($1::oid[], $2::oid[]) as root (classid, objid)
  union
  select next.*
  from doomed
  cross join lateral (
    select d.classid, d.objid, d.objsubid, doomed.is_part
    from pg_depend d
    where d.refclassid = doomed.classid
      and d.refobjid = doomed.objid
      and (doomed.objsubid = 0 or d.refobjsubid = doomed.objsubid)
      and (d.classid, d.objid) <> (doomed.classid, doomed.objid)
      -- Of what stays, with a part less: its arrays, domains and ranges, and where they are the type.
      and (not doomed.is_part
        or doomed.classid = 'pg_type'::regclass
           and (d.classid = 'pg_type'::regclass or d.classid = 'pg_class'::regclass and d.objsubid > 0))
    union all
    select 'pg_type'::regclass, c.reltype, 0, true
    from pg_class c
    where doomed.classid = 'pg_class'::regclass and doomed.objsubid > 0
      and c.oid = doomed.objid and c.relkind = 'c'
    union all
    -- CREATE TABLE … OF the type: an attribute of it is a column.
    select 'pg_class'::regclass, t.oid, own.attnum, doomed.is_part
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum = doomed.objsubid
    join pg_class t on t.reloftype = c.reltype
    join pg_attribute own on own.attrelid = t.oid and own.attname = a.attname
    where doomed.classid = 'pg_class'::regclass and doomed.objsubid > 0
      and c.oid = doomed.objid and c.relkind = 'c'
  ) as next (classid, objid, objsubid, is_part)
)
select n.nspname as schema, c.relname as table, a.attname as column, c.relkind::text as kind
from (select distinct classid, objid, objsubid from doomed) d
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
