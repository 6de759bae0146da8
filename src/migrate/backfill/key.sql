-- By which columns can the rows of a table be taken in order, best first? $1 the table.
with recursive family (oid) as (
  select $1::regclass::oid
  union
  select i.inhrelid from family f join pg_inherits i on i.inhparent = f.oid
),
-- Since 18 NOT NULL may be NOT VALID; until 17 a child could be without.
nullable (name) as (
  select a.attname
  from family f join pg_attribute a on a.attrelid = f.oid and a.attnum > 0
  where not a.attnotnull or exists (
    select from pg_constraint c
    where c.conrelid = a.attrelid and c.contype = 'n' and not c.convalidated and a.attnum = any (c.conkey))
),
-- Columns that change along with others: generated from them, or by a foreign key of the table to itself.
follower (name, leader) as (
  select g.attname, s.attname
  from family f
  join pg_attribute g on g.attrelid = f.oid and g.attgenerated <> ''
  join pg_attrdef d on d.adrelid = g.attrelid and d.adnum = g.attnum
  join pg_depend p on p.classid = 'pg_attrdef'::regclass and p.objid = d.oid
    and p.refclassid = 'pg_class'::regclass and p.refobjid = g.attrelid
  join pg_attribute s on s.attrelid = p.refobjid and s.attnum = p.refobjsubid and s.attnum <> g.attnum
  union
  select ca.attname, pa.attname
  from pg_constraint c
  cross join lateral unnest(c.conkey, c.confkey) as k (child, parent)
  join pg_attribute ca on ca.attrelid = c.conrelid and ca.attnum = k.child
  join pg_attribute pa on pa.attrelid = c.confrelid and pa.attnum = k.parent
  where c.contype = 'f' and c.confupdtype in ('c', 'n', 'd')
    and c.conrelid in (select oid from family) and c.confrelid in (select oid from family)
)
select format('%I.%I', n.nspname, t.relname) as table, t.oid::text as oid,
       coalesce(keys.columns, '[]'::json) as keys
from pg_class t
join pg_namespace n on n.oid = t.relnamespace
cross join lateral (
  -- Never by the age of an index, which REINDEX CONCURRENTLY changes. One that is not in the usual order is slow.
  select json_agg(k.columns order by i.indisprimary desc, k.is_in_order desc, i.indnkeyatts, x.relname) as columns
  from pg_index i
  join pg_class x on x.oid = i.indexrelid
  cross join lateral (
    select json_agg(json_build_object(
             'name', a.attname,
             'number', a.attnum,
             'type', format('%I.%I', tn.nspname, ty.typname),
             'collation', (
               select concat_ws(' ', format('%I.%I', cn.nspname, co.collname),
                 case when co.collprovider = 'd'
                   then concat_ws(' ', d.datlocprovider, d.datcollate, to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale',
                          pg_database_collation_actual_version(d.oid))
                   else pg_collation_actual_version(co.oid) end)
               from pg_collation co
               join pg_namespace cn on cn.oid = co.collnamespace
               join pg_database d on d.datname = current_database()
               where co.oid = a.attcollation),
             'operators', (
               select json_object_agg(s.sign, format('operator(%I.%s)', pn.nspname, p.oprname))
               from pg_amop m
               join (values (1, '<'), (2, '<='), (3, '='), (4, '>='), (5, '>')) s (strategy, sign) on s.strategy = m.amopstrategy
               join pg_operator p on p.oid = m.amopopr
               join pg_namespace pn on pn.oid = p.oprnamespace
               where m.amopfamily = oc.opcfamily and m.amoppurpose = 's'
                 and m.amoplefttype = oc.opcintype and m.amoprighttype = oc.opcintype),
             'leaders', (select coalesce(json_agg(w.leader order by w.leader), '[]') from follower w where w.name = a.attname),
             'isAlwaysWrittenAlike', base.typcategory in ('N', 'S', 'B', 'E', 'I', 'U')
               and base.oid not in ('float4'::regtype, 'float8'::regtype, 'bytea'::regtype),
             'isDate', base.oid in ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
           ) order by c.place) as columns,
           -- How money is read depends on a setting that is the statement's.
           bool_and(oc.opcdefault and base.oid <> 'money'::regtype and a.attname not in (select name from nullable)) as is_usable,
           bool_and(c.sorting = a.attcollation) and count(distinct c.option & 3) = 1 as is_in_order
    from unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[], i.indoption::int2[])
           with ordinality as c (attnum, opclass, sorting, option, place)
    left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = c.attnum
    left join pg_type ty on ty.oid = a.atttypid
    left join pg_namespace tn on tn.oid = ty.typnamespace
    left join pg_type base on base.oid = case when ty.typtype = 'd' then ty.typbasetype else ty.oid end
    left join pg_opclass oc on oc.oid = c.opclass
    where c.place <= i.indnkeyatts
  ) k
  where i.indrelid = t.oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
    and k.is_usable
) keys
where t.oid = $1::regclass
