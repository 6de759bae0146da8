-- Which tables and views hold what roles may be granted, with their columns and the key of a row? ($1, $2: the ledger)
with relations as (
  select c.oid, c.relkind, c.relowner, c.relrowsecurity, c.relforcerowsecurity, c.reloptions,
         format('%I.%I', n.nspname, c.relname) as name
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition and c.relpersistence <> 't'
    and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'pgwright')
    and not (n.nspname = $1::text and c.relname in ($2::text, $2::text || '_log'))
    and not exists (
      select from pg_depend e
      where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
), keys as (
  -- The primary key, else another unique key that is never null.
  select distinct on (i.indrelid) i.indrelid,
         (select json_agg(a.attname order by k.place)
          from unnest(i.indkey) with ordinality k (attnum, place)
          join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
          where k.place <= i.indnkeyatts) as columns
  from pg_index i
  where i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
    and not exists (
      select from unnest(i.indkey) with ordinality k (attnum, place)
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
      where k.place <= i.indnkeyatts and not a.attnotnull)
  order by i.indrelid, i.indisprimary desc, i.indnkeyatts, i.indexrelid
)
select r.oid::text as oid, r.name,
       case when r.relkind in ('v', 'm') then 'view' else 'table' end as kind,
       quote_ident(pg_get_userbyid(r.relowner)) as owner,
       r.relrowsecurity as "hasRowSecurity", r.relforcerowsecurity as "isForced",
       (select coalesce(json_agg(json_build_object(
                 'name', a.attname, 'isGenerated', a.attgenerated <> '',
                 'isAlwaysIdentity', a.attidentity = 'a') order by a.attnum), '[]'::json)
        from pg_attribute a
        where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped) as columns,
       k.columns as key,
       (select json_agg(l.relid::regclass::text order by l.relid::regclass::text)
        from pg_partition_tree(r.oid) l
        where r.relkind = 'p' and l.level > 0) as partitions,
       -- Tables a view reads, through other views as well.
       (with recursive reads (oid) as (
          select r.oid
          union
          select d.refobjid
          from reads
          join pg_rewrite w on w.ev_class = reads.oid and w.ev_type = '1'
          join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
            and d.refclassid = 'pg_class'::regclass and d.refobjid <> reads.oid)
        select coalesce(json_agg(reads.oid::text), '[]'::json) from reads where reads.oid <> r.oid) as sources
from relations r
left join keys k on k.indrelid = r.oid
order by r.name
