-- Which sequences, and integer columns filled from them, have used more than the share $1 of their values?
with recursive sequences as (
  select s.seqrelid, s.seqmin, s.seqmax, s.seqincrement, s.seqcycle,
         s.seqtypid::regtype::text as type,
         format('%I.%I', n.nspname, c.relname) as name,
         pg_sequence_last_value(s.seqrelid) as last
  from pg_sequence s
  join pg_class c on c.oid = s.seqrelid
  join pg_namespace n on n.oid = c.relnamespace
  where n.nspname !~ '^pg_'
    and has_sequence_privilege(s.seqrelid, 'SELECT, USAGE')
    -- A standby does not have the contents of an unlogged one.
    and not (c.relpersistence = 'u' and pg_is_in_recovery())
), fed (seqrelid, relid, attnum, is_copy) as (
  -- Identity and serial columns, and every other column whose default names the sequence …
  select d.objid, d.refobjid, d.refobjsubid::int, false
  from pg_depend d
  where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
    and d.refobjsubid > 0 and d.deptype in ('a', 'i')
    and d.objid in (select seqrelid from sequences)
  union
  select d.refobjid, a.adrelid, a.adnum::int, false
  from pg_attrdef a
  join pg_depend d on d.classid = 'pg_attrdef'::regclass and d.objid = a.oid
    and d.refclassid = 'pg_class'::regclass
  where d.refobjid in (select seqrelid from sequences)
  union
  -- … and the columns that refer to those, which need the same values.
  select f.seqrelid, k.conrelid, k.conkey[p.i]::int, true
  from fed f
  join pg_constraint k on k.contype = 'f' and k.confrelid = f.relid and k.conparentid = 0
  cross join lateral generate_subscripts(k.confkey, 1) as p (i)
  where k.confkey[p.i] = f.attnum
), columns as (
  select f.seqrelid, f.is_copy, a.atttypid::regtype::text as type,
         format('%I.%I', n.nspname, c.relname) as table,
         quote_ident(a.attname) as column,
         case a.atttypid when 'int2'::regtype then 32767::numeric
                         when 'int4'::regtype then 2147483647
                         when 'int8'::regtype then 9223372036854775807 end as most
  from fed f
  join pg_class c on c.oid = f.relid and c.relkind in ('r', 'p') and not c.relispartition
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = f.relid and a.attnum = f.attnum
), places as (
  select s.*, null::text as table, null::text as column, null::text as column_type, false as is_copy,
         case when s.seqincrement > 0 then s.seqmax else s.seqmin end::numeric as most
  from sequences s
  where not s.seqcycle
  union all
  select s.*, c.table, c.column, c.type, c.is_copy,
         case when s.seqincrement > 0 then c.most else -c.most - 1 end
  from sequences s
  join columns c using (seqrelid)
  where c.most is not null
    -- Else the sequence ends first, and says so itself.
    and case when s.seqincrement > 0 then c.most <= s.seqmax else -c.most - 1 >= s.seqmin end
), used as (
  select *,
         case when seqincrement > 0 then (last - seqmin)::numeric / nullif(most - seqmin, 0)
              else (seqmax - last)::numeric / nullif(seqmax - most, 0) end as share,
         floor(abs(most - last) / abs(seqincrement)) as left_over
  from places
  where last is not null
)
select name, type, "table", "column", column_type as "columnType", is_copy as "isCopy",
       last::text as last, most::text as most, share::float8 as share,
       case when (most - last) * sign(seqincrement) < 0 then '0' else left_over::text end as left
from used u
where share >= $1::float8
  -- A column that ends where its sequence ends speaks for both.
  and (u."column" is not null or not exists (
    select from used o where o.seqrelid = u.seqrelid and o.most = u.most and o."column" is not null))
order by share desc, name, "table", "column"
